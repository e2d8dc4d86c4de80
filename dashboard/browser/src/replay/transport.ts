// The bar under the lanes: play and jumps, speed, typed instant, marks, what is shown.

import { h, React } from "../react.ts";
import { printPage } from "../exhibit/exhibit.ts";
import { bookmark, jump, onPaper, savePicture, setMark, stepFix, togglePlay } from "./acts.ts";
import { TAILS_MIN } from "./address.ts";
import { FASTEST, SLOWEST } from "./clock.ts";
import { useModel } from "./hooks.ts";
import { KeysButton } from "./keys_sheet.ts";
import type { ReplayModel } from "./model.ts";
import { Summary } from "./summary.ts";
import { lastingWords, momentOf, stampIn } from "./times.ts";

export function Transport({ model }: { model: ReplayModel }) {
  useModel(model, "view", "data");
  const { view, clock } = model;
  const button = (label: string, key: string, sign: string, act: () => void) =>
    h("button", { type: "button", title: `${label} (${key})`, "aria-label": label, onClick: act }, sign);
  const toggle = (label: string, isOn: boolean, change: () => void, title: string) =>
    h("button", { type: "button", className: "replay-toggle", "aria-pressed": isOn, title, onClick: change }, label);
  return h(
    "footer",
    { className: "replay-transport" },
    h(
      "div",
      { className: "replay-buttons", role: "group", "aria-label": "Play" },
      button("Stop before", "Shift+S", "|◀", () => jump(model, "stop", -1)),
      button("Event before", "Shift+N", "◆◀", () => jump(model, "event", -1)),
      button("One fix back", "←", "◀", () => stepFix(model, -1)),
      h(
        "button",
        { type: "button", className: "is-play", "aria-label": clock.isPlaying ? "Pause" : "Play", title: "Play, pause (Space)", onClick: () => togglePlay(model) },
        clock.isPlaying ? "‖" : "▶",
      ),
      button("One fix on", "→", "▶", () => stepFix(model, 1)),
      button("Next event", "N", "▶◆", () => jump(model, "event", 1)),
      button("Next stop", "S", "▶|", () => jump(model, "stop", 1)),
      button("Next gap", "X", "▶┆", () => jump(model, "gap", 1)),
    ),
    h(Speed, { model }),
    h(Instant, { model }),
    h(
      "div",
      { className: "replay-marks", role: "group", "aria-label": "Interval" },
      h("button", { type: "button", title: "In mark here (I)", onClick: () => setMark(model, "inS") }, "in ", markWords(model, view.inS)),
      h("button", { type: "button", title: "Out mark here (O)", onClick: () => setMark(model, "outS") }, "out ", markWords(model, view.outS)),
      h(Summary, { model }),
    ),
    h(
      "div",
      { className: "replay-toggles", role: "group", "aria-label": "Shown" },
      toggle("Skip quiet", view.isSkipping, () => model.change({ isSkipping: !view.isSkipping }), "While it plays, jump stops and gaps of five minutes and more; says what it skipped"),
      toggle("Circles", view.hasRings, () => model.change({ hasRings: !view.hasRings }), "Error circle of each fix in the tail (95 %)"),
      toggle("Raw ×", view.isRaw, () => model.change({ isRaw: !view.isRaw }), "Fixes that are not drawn as places, as × (R)"),
      toggle("Follow", view.isFollowing, () => model.change({ isFollowing: !view.isFollowing }), "Keep the marker in the picture (F); a move by hand switches it off"),
      toggle("Glide", view.isGliding, () => model.change({ isGliding: !view.isGliding }), "For demonstration only: the marker moves between fixes, and the map says INTERPOLATED"),
      h(
        "label",
        null,
        "Tail ",
        h(
          "select",
          {
            value: view.tailMin,
            onChange: (event: React.ChangeEvent<HTMLSelectElement>) => model.change({ tailMin: Number(event.target.value) }),
          },
          ...TAILS_MIN.map((minutes) => h("option", { key: minutes, value: minutes }, minutes ? lastingWords(minutes * 60) : "all")),
        ),
      ),
      h("button", { type: "button", className: "replay-toggle", title: "Bookmark with a note (B)", onClick: () => bookmark(model) }, "Bookmark"),
      h("button", { type: "button", className: "replay-toggle", title: "This instant as a picture for paper: map, scale, legend, both times, hashes (E)", onClick: () => savePicture(model) }, "Save picture"),
      h("button", { type: "button", className: "replay-toggle", title: "The same, to a printer", onClick: () => void onPaper(model, printPage) }, "Print"),
      h(KeysButton),
    ),
  );
}

function markWords(model: ReplayModel, atS: number | null): string {
  return atS === null ? "–" : stampIn(model.timeZone, atS).time;
}

/** A number that is taken when it is finished, so that typing 120 does not pass through 1 and 12. */
function Speed({ model }: { model: ReplayModel }) {
  const { speed } = model.clock;
  const [typed, setTyped] = React.useState<string | null>(null);
  const take = () => {
    if (typed !== null && Number(typed) > 0) model.setSpeed(Number(typed));
    setTyped(null);
  };
  const shown = Math.round(speed * 100) / 100;
  return h(
    "label",
    { className: "replay-speed" },
    h("input", {
      "aria-label": `Speed, ${SLOWEST} to ${FASTEST} times`,
      inputMode: "decimal",
      size: 4,
      value: typed ?? String(shown),
      onChange: (event: React.ChangeEvent<HTMLInputElement>) => setTyped(event.target.value),
      onBlur: take,
      onKeyDown: (event: React.KeyboardEvent) => event.key === "Enter" && take(),
    }),
    `× = ${lastingWords(shown)} per s`,
  );
}

function Instant({ model }: { model: ReplayModel }) {
  const [typed, setTyped] = React.useState("");
  const [isWrong, setWrong] = React.useState(false);
  const take = (event: React.FormEvent) => {
    event.preventDefault();
    const atS = momentOf(typed, model.timeZone, model.nowS());
    setWrong(atS === null);
    if (atS === null) return;
    model.seek(atS);
    setTyped("");
  };
  return h(
    "form",
    { className: "replay-instant", onSubmit: take },
    h("input", {
      "aria-label": "Go to an instant",
      "aria-invalid": isWrong,
      placeholder: "go to 03:14 or 2026-06-20 03:14:07",
      title: "Wall time of the room; with Z or an offset it is what it says",
      value: typed,
      size: 26,
      onChange: (event: React.ChangeEvent<HTMLInputElement>) => {
        setTyped(event.target.value);
        setWrong(false);
      },
    }),
  );
}
