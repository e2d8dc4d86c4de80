// What the zone is: kind, buffer, hours, measures, and what the checks say of it.

import { createPortal, h, React } from "../react.ts";
import type { Check, Kind } from "./answers.ts";
import { offset, setDoor } from "./acts.ts";
import type { Studio } from "./controller.ts";
import { measuresOf } from "./measures.ts";
import { aCircle, MOST_RADIUS_M, MOST_VERTICES } from "./shape.ts";
import { hoursWords } from "./week.ts";
import { metres, squareMetres } from "./words.ts";

export const KIND_WORDS: Record<Kind, string> = {
  exclusion: "Exclusion: he may not enter",
  inclusion: "Inclusion: curfew, he must stay",
  neutral: "Neutral: noted, no alert",
};

export function Inspector({ studio, hours }: { studio: Studio; hours: () => void }) {
  const { session, base, shown } = studio;
  const measures = measuresOf(studio);
  const kind = session?.fields.kind ?? shown?.kind ?? "exclusion";
  const isOff = studio.isLocked;
  const schedule = session ? session.fields.schedule : (shown?.schedule ?? null);
  const permissions = session?.fields.permissions ?? [];
  return h(
    "div",
    { className: "studio-inspector" },
    h(
      "label",
      { className: "studio-field" },
      "Kind",
      h(
        "select",
        // Another kind is another zone: versions of one are of one kind.
        { value: kind, disabled: isOff || session?.draft.zone_id !== null, onChange: (event: React.ChangeEvent<HTMLSelectElement>) => session!.setField("kind", event.target.value as Kind, "change the kind") },
        ...Object.entries(KIND_WORDS).map(([value, words]) => h("option", { key: value, value }, words)),
      ),
    ),
    kind === "exclusion" &&
      h(Figure, {
        label: "Buffer",
        unit: "m",
        value: session?.fields.buffer_m ?? shown?.buffer_m ?? 0,
        least: 0,
        most: 5000,
        isOff,
        give: (value: number) => session!.setField("buffer_m", value, "change the buffer"),
      }),
    h(PartFigures, { studio }),
    h(
      "dl",
      { className: "studio-measures", "data-live": measures.isLive || undefined },
      ...row("Area", squareMetres(measures.areaM2)),
      ...row("Perimeter", metres(measures.perimeterM)),
      ...row("Corners", `${measures.vertices} of ${MOST_VERTICES}${measures.outline ? `, outline ${measures.outline}` : ""}`),
      ...(measures.doorM === null ? [] : row("Edge to her door", metres(measures.doorM))),
      ...(studio.p95M === null ? [] : row("Accuracy here", `95 % within ${Math.round(studio.p95M)} m`)),
      ...(studio.compare && !studio.compared && session ? row("Against v" + (base?.number ?? ""), `+ ${squareMetres(studio.compare.added_m2)}, − ${squareMetres(studio.compare.removed_m2)}`) : []),
    ),
    h(
      "section",
      { className: "studio-hours" },
      h("h2", null, "Hours"),
      h("p", null, hoursWords(schedule), schedule && h("span", { className: "hint" }, ` ${schedule.time_zone}`)),
      schedule && schedule.grace_s > 0 && h("p", { className: "hint" }, `Grace ${Math.round(schedule.grace_s / 60)} min at either end`),
      permissions.length > 0 && h("p", { className: "hint" }, `${permissions.length} temporary ${permissions.length === 1 ? "permission" : "permissions"}`),
      h("button", { type: "button", className: "act", disabled: !session, onClick: hours }, isOff ? "Hours and permissions" : "Change hours and permissions"),
    ),
    session && studio.door && h(DoorLine, { studio }),
    session && h(Checks, { studio, checks: studio.checks }),
  );
}

function row(name: string, value: string): React.ReactNode[] {
  return [h("dt", { key: name }, name), h("dd", { key: `${name}-value` }, value)];
}

/** Radius of a circle, width of a corridor: of the chosen part, else of the only one. */
function PartFigures({ studio }: { studio: Studio }) {
  const parts = studio.session?.parts ?? [];
  const at = studio.hand.chosen?.part ?? (parts.length === 1 ? 0 : -1);
  const part = parts[at];
  const isOff = studio.isLocked;
  if (part?.how === "circle") {
    return h(Figure, {
      label: "Radius",
      unit: "m",
      value: part.radius_m!,
      least: 12,
      most: MOST_RADIUS_M,
      isOff,
      give: (value: number) => studio.hand.setParts(parts.with(at, aCircle(part.centre!, value)), "change the radius"),
    });
  }
  if (part?.how === "corridor" || studio.hand.tool === "corridor") {
    return h(Figure, {
      label: "Corridor width",
      unit: "m",
      value: part?.width_m ?? studio.hand.corridorM,
      least: 10,
      most: 2000,
      isOff,
      give: (value: number) => {
        studio.hand.corridorM = value;
        if (part?.how === "corridor") studio.hand.setParts(parts.with(at, { ...part, width_m: value }), "change the width");
      },
    });
  }
  return null;
}

export function Figure(given: { label: string; unit: string; value: number; least: number; most: number; isOff: boolean; give: (value: number) => void }) {
  const [typed, setTyped] = React.useState(String(given.value));
  React.useEffect(() => setTyped(String(given.value)), [given.value]);
  const take = () => {
    const value = Math.min(given.most, Math.max(given.least, Number(typed)));
    if (typed.trim() === "" || !Number.isFinite(value)) setTyped(String(given.value));
    else if (value !== given.value) given.give(value);
    else setTyped(String(value));
  };
  return h(
    "label",
    { className: "studio-field" },
    given.label,
    h(
      "span",
      { className: "studio-figure" },
      h("input", {
        type: "number",
        value: typed,
        min: given.least,
        max: given.most,
        disabled: given.isOff,
        onChange: (event: React.ChangeEvent<HTMLInputElement>) => setTyped(event.target.value),
        onBlur: take,
        onKeyDown: (event: React.KeyboardEvent) => event.key === "Enter" && take(),
      }),
      h("span", { "aria-hidden": true }, given.unit),
    ),
  );
}

function DoorLine({ studio }: { studio: Studio }) {
  const door = studio.door!;
  const [isAsked, setAsked] = React.useState(false);
  return h(
    "section",
    { className: "studio-door" },
    h("h2", null, "Her door"),
    h("p", null, door.place ? "Known, and on the map." : door.is_known ? "Known, and masked: the checks count with it. " : "Not known: the checks cannot count with it. ", !door.place && h("span", { className: "hint" }, door.why_not)),
    !isAsked
      ? h("button", { type: "button", className: "act", disabled: studio.isLocked, onClick: () => setAsked(true) }, door.is_known ? "Set it anew" : "Set it")
      : h("div", { className: "studio-add" }, h("button", { type: "button", className: "act", onClick: () => void setDoor(studio).then(() => setAsked(false)) }, "It is where the cross is"), h("button", { type: "button", className: "act act-quiet", onClick: () => setAsked(false) }, "Cancel")),
    isAsked && h("p", { className: "hint" }, "Move the map until its cross lies on her door."),
    isAsked && createPortal(h("i", { className: "studio-cross", "aria-hidden": true }), document.querySelector(".studio-map")!),
  );
}

const SIGNS = { ok: "✓", warning: "!", error: "×" } as const;
const LEVEL_WORDS = { ok: "", warning: "Warning: ", error: "Not possible: " } as const;

function Checks({ studio, checks }: { studio: Studio; checks: readonly Check[] }) {
  const order = { error: 0, warning: 1, ok: 2 } as const;
  const sorted = [...checks].sort((here, there) => order[here.level] - order[there.level]);
  return h(
    "section",
    { className: "studio-checks", "aria-live": "polite" },
    h("h2", null, "Checks"),
    sorted.length === 0 && h("p", { className: "hint" }, "Checked as soon as something is drawn."),
    h(
      "ul",
      null,
      ...sorted.map((check) =>
        h(
          "li",
          { key: check.check + check.words, "data-level": check.level },
          h("span", { className: "studio-check-sign", "aria-hidden": true }, SIGNS[check.level]),
          h("span", null, h("span", { className: "studio-aside" }, LEVEL_WORDS[check.level]), check.words),
          check.check.startsWith("leak") && check.level !== "ok" && !studio.isLocked && h("button", { type: "button", className: "act act-quiet", onClick: () => void offset(studio) }, "Offset"),
          check.at && h("button", { type: "button", className: "act act-quiet", onClick: () => studio.view.lookAt(check.at!) }, "Show"),
        ),
      ),
    ),
  );
}
