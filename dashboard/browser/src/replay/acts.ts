// What a person can do, by whatever means: keys and buttons call the same few functions.

import { saveAs } from "../exhibit/exhibit.ts";
import { TAILS_MIN } from "./address.ts";
import { eventsOf, type JumpKind, jumpFrom, quietOf, skipAt } from "./jumps.ts";
import type { ReplayModel } from "./model.ts";

/** Where the words of a bookmark are typed. */
export const BOOKMARK_FIELD = "replay-bookmark-words";

export function togglePlay(model: ReplayModel): void {
  if (model.clock.isPlaying) model.pause();
  else model.play();
}

/** J and L: the other way, or on; again is twice as fast. */
export function run(model: ReplayModel, direction: 1 | -1): void {
  if (model.clock.isPlaying && model.clock.direction === direction) model.setSpeed(model.clock.speed * 2);
  else model.play(direction);
}

export function stepFix(model: ReplayModel, step: 1 | -1): void {
  const track = model.first?.track;
  if (!track?.places.length) return;
  const nowS = model.nowS();
  let place = track.placeAt(nowS);
  // Between two fixes "one back" is the one that holds.
  if (step > 0 || (place >= 0 && nowS - track.placeS(place) < 0.001)) place += step;
  if (place < 0 || place >= track.places.length) return;
  model.seek(track.placeS(place));
}

export function stepTime(model: ReplayModel, seconds: number): void {
  model.seek(model.nowS() + seconds);
}

export function jump(model: ReplayModel, kind: JumpKind, step: 1 | -1): void {
  const found = jumpFrom(eventsOf(model), kind, model.nowS(), step);
  if (found) model.seek(found.atS);
  else {
    model.notice = `No ${step > 0 ? "later" : "earlier"} ${kind} in this period`;
    model.tell("view");
  }
}

export function setMark(model: ReplayModel, which: "inS" | "outS"): void {
  model.change({ [which]: model.nowS() });
}

export function changeTail(model: ReplayModel): void {
  const at = TAILS_MIN.findIndex((each) => each === model.view.tailMin);
  model.change({ tailMin: TAILS_MIN[(at + 1) % TAILS_MIN.length]! });
}

export function bookmark(model: ReplayModel): void {
  model.pause();
  model.change({ tab: "bookmarks" });
  // The tab is drawn after this turn.
  setTimeout(() => document.getElementById(BOOKMARK_FIELD)?.focus());
}

/** The instant on paper: a file, or straight to a printer. Never interpolated. */
export async function onPaper(model: ReplayModel, use: (picture: Blob) => void | Promise<void>): Promise<void> {
  if (!model.picture) return;
  model.pause();
  model.change({ isGliding: false });
  try {
    await use(await model.picture());
  } catch (error) {
    console.warn("Vigil replay:", error);
    model.notice = "The picture could not be made. Try again";
    model.tell("view");
  }
}

export function savePicture(model: ReplayModel): void {
  const stamp = new Date(model.nowS() * 1000).toISOString().slice(0, 19).replace(/[-:]/g, "");
  const code = model.first?.about.case_codes[0] ?? "track";
  void onPaper(model, (picture) => saveAs(picture, `vigil-${code}-${stamp}Z.png`));
}

/** Lets the clock jump stillness and silence, and says so; every picture asks. */
export function installSkip(model: ReplayModel): void {
  model.skip = (_, nowMs) => {
    if (!model.view.isSkipping || !model.first || model.clock.direction < 0) return;
    const found = skipAt(quietOf(model.first), model.clock.at(nowMs));
    if (!found) return;
    model.clock.seek(found.toS, nowMs);
    model.notice = found.words;
    model.tell("view");
  };
}
