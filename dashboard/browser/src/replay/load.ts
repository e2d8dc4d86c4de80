// Fetches what a view names: whose tracks and the tracks themselves at once, then what is worked out
// of them.

import type { Feature } from "geojson";
import { sha256Of } from "../exhibit/sha256.ts";
import { periodOf, readAddress, type ViewState } from "./address.ts";
import { type HerCase, leftS } from "./hers.ts";
import { type LaneData, NO_LANES } from "./lane_data.ts";
import type { About, Bookmark, Choice, Loaded, ReplayModel, ZoneVersion } from "./model.ts";
import { readNear } from "./near.ts";
import { Track } from "./track.ts";

const DAY_S = 86_400;

export class NotShown extends Error {}

async function fetched(path: string): Promise<Response> {
  // Without headers of its own: what the page has asked for early (pages/replay.py) is the same request.
  const answer = await fetch(path);
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  throw new NotShown((said as { message?: string }).message ?? `The server answered ${answer.status}.`);
}

const json = async <T>(path: string) => (await (await fetched(path)).json()) as T;
const bytes = async (path: string) => (await fetched(path)).arrayBuffer();

/** The same, with its hash noted under this name: what a picture on paper was drawn from. */
async function hashed<T>(model: ReplayModel, name: string, path: string): Promise<T> {
  const body = await bytes(path);
  model.hashes.set(name, await sha256Of(body));
  return JSON.parse(new TextDecoder().decode(body)) as T;
}

export async function choices(): Promise<{ now_s: number; choices: Choice[] }> {
  return json("/replay/choices.json");
}

interface First {
  about: About[];
  tracks: Track[];
  fromS: number;
  toS: number;
}

/** Whose tracks, and the tracks; both at once where the view names its period. */
async function begin(view: ViewState): Promise<First> {
  const about = Promise.all(view.activations.map((id) => json<About>(`/replay/${id}/about.json`)));
  const [fromS, toS] = view.fromS !== null && view.toS !== null ? [view.fromS, view.toS] : lastDay(view, await about);
  const period = periodOf(fromS, toS);
  const tracks = Promise.all(view.activations.map(async (id) => new Track(await bytes(`/replay/${id}/track.bin?${period}`))));
  return { about: await about, tracks: await tracks, fromS, toS };
}

/** The last day that was recorded, and in it whatever the view names. */
function lastDay(view: ViewState, about: readonly About[]): [number, number] {
  const lastS = Math.max(...about.map((each) => each.last_s ?? 0)) || Date.now() / 1000;
  const toS = view.toS ?? Math.ceil(lastS) + 1;
  const dayS = Math.floor(Math.max(toS - DAY_S, Math.min(...about.map((each) => each.first_s ?? toS - DAY_S))));
  // An instant that a link names is in the period, whatever the period would have been.
  return [view.fromS ?? Math.min(dayS, (view.atS ?? dayS + 1) - 1), toS];
}

let early: { search: string; first: Promise<First> } | null = null;

/** Asks for the tracks while the page is still being put together; called when the script is read. */
export function beginEarly(): void {
  if (location.pathname !== "/replay") return;
  const view = readAddress(location.search);
  if (!view.activations.length) return;
  early = { search: location.search, first: begin(view) };
  // Whoever waits for it hears of a failure; nobody may ever come.
  early.first.catch(() => undefined);
}

/** Everything the view names; panels fill as their part arrives. */
export async function load(model: ReplayModel, view: ViewState): Promise<void> {
  const first = early?.search === location.search ? early.first : begin(view);
  early = null;
  const { about, tracks, fromS, toS } = await first;
  const period = periodOf(fromS, toS);
  model.loaded = about.map((each, index): Loaded => ({ about: each, track: tracks[index]!, lanes: NO_LANES, near: null }));
  model.loaded.forEach(({ about, track }) => (track.isVictim = about.role === "victim"));
  model.view = { ...view, fromS, toS };
  // Without an instant: where there is something to see.
  const firstS = tracks[0]!.places.length ? tracks[0]!.placeS(0) : fromS;
  model.clock.setPeriod(fromS, toS, view.atS ?? firstS);
  model.clock.speed = view.speed;
  model.tell("data");
  model.tell("time");
  performance.mark("replay-open"); // for tests/bench/replay.py
  // Worked out on the server from every fix, so it may take longer than the track itself; and where
  // one part fails the others are shown.
  const parts = await Promise.allSettled([
    loadLanes(model),
    ...about.map(async ({ activation_id }, index) => {
      model.loaded[index]!.near = readNear(await bytes(`/replay/${activation_id}/near.bin?${period}`));
      model.tell("data");
    }),
    loadZones(model, about, period),
    loadBookmarks(model),
    loadHers(model),
  ]);
  const failed = parts.filter((part) => part.status === "rejected");
  if (!failed.length) return;
  console.warn("Vigil replay:", ...failed.map((part) => String(part.reason)));
  model.notice = "Part of this view could not be fetched. Reload to try again";
  model.tell("view");
}

async function loadLanes(model: ReplayModel): Promise<void> {
  const period = periodOf(model.view.fromS!, model.view.toS!);
  await Promise.all(
    model.loaded.map(async (loaded) => {
      const id = loaded.about.activation_id;
      loaded.lanes = await hashed<LaneData>(model, `lanes, ${loaded.about.serial}`, `/replay/${id}/lanes.json?${period}`);
      model.tell("data");
    }),
  );
}

let masking: ReturnType<typeof setTimeout> | null = null;

/** Her side as this person may see it now; where it is revealed, gone again when the minute is over. */
async function loadHers(model: ReplayModel): Promise<void> {
  const id = model.first?.about.activation_id;
  if (id === undefined) return;
  const period = periodOf(model.view.fromS!, model.view.toS!);
  model.hers = (await json<{ cases: HerCase[] }>(`/replay/${id}/hers.json?${period}`)).cases;
  model.tell("data");
  if (masking) clearTimeout(masking);
  const left = leftS(model.hers);
  masking = left === null ? null : setTimeout(() => mask(model), left * 1000);
}

/** Nothing of her stays: not on the map, not in the facts, not in a lane's words. */
function mask(model: ReplayModel): void {
  model.hers = [];
  for (const loaded of model.loaded) {
    loaded.lanes = { ...loaded.lanes, lanes: loaded.lanes.lanes.filter((lane) => lane.key !== "near_routine") };
  }
  model.tell("data");
  void loadBeside(model);
}

/** After a reveal and after its end: what depends on it, asked for again. */
export async function loadBeside(model: ReplayModel): Promise<void> {
  if (!model.loaded.length) return;
  await Promise.allSettled([loadHers(model), loadLanes(model)]);
}

async function loadZones(model: ReplayModel, about: readonly About[], period: string): Promise<void> {
  const found = await Promise.all(
    about.map(({ activation_id, serial }) =>
      hashed<{ versions: ServedVersion[] }>(model, `zones, ${serial}`, `/replay/${activation_id}/zones.json?${period}`),
    ),
  );
  const byId = new Map<number, ZoneVersion>();
  for (const { versions } of found) for (const each of versions) byId.set(each.zone_version_id, versionOf(each));
  model.zones = [...byId.values()];
  model.tell("data");
}

interface ServedVersion {
  zone_version_id: number;
  from_s: number;
  to_s: number | null;
  open: [number, number][];
  features: Feature[];
}

function versionOf(served: ServedVersion): ZoneVersion {
  return {
    features: served.features,
    fromS: served.from_s,
    toS: served.to_s ?? Infinity,
    open: served.open,
  };
}

export async function loadBookmarks(model: ReplayModel): Promise<void> {
  const id = model.first?.about.activation_id;
  if (id === undefined) return;
  model.bookmarks = (await json<{ bookmarks: Bookmark[] }>(`/replay/${id}/bookmarks.json`)).bookmarks;
  model.tell("data");
}

export async function keepBookmark(model: ReplayModel, words: string): Promise<void> {
  const id = model.first?.about.activation_id;
  const answer = await fetch(`/replay/${id}/bookmarks.json`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ at_s: model.nowS(), words, address: model.address() }),
  });
  if (!answer.ok) {
    const said = (await answer.json().catch(() => ({}))) as { message?: string };
    throw new NotShown(said.message ?? `The server answered ${answer.status}.`);
  }
  await loadBookmarks(model);
}
