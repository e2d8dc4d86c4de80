// The Dash component: tools, map, inspector, rehearsal, signing. It fetches for itself; nothing of
// a zone passes through a Dash callback.

import { Dialog } from "../keys/dialog.ts";
import { type DashProps, h, React } from "../react.ts";
import { edit } from "./acts.ts";
import type { Draft } from "./answers.ts";
import { Studio } from "./controller.ts";
import { History } from "./history.ts";
import { Hours } from "./hours.ts";
import { Inspector } from "./inspector.ts";
import { onStudioKey, STUDIO_KEYS, type StudioKey } from "./keys.ts";
import { Legend } from "./legend.ts";
import { MapTime } from "./map_time.ts";
import { RehearsalPanel } from "./rehearsal.ts";
import { RehearsalRun } from "./rehearsal_run.ts";
import { ClashBar, SignBar } from "./signing.ts";
import { StartFrom } from "./start_from.ts";
import { Tabs } from "./tabs.ts";
import { Toolbar } from "./toolbar.ts";
import { VertexTable } from "./vertex_table.ts";

export interface ZoneStudioProps extends DashProps<ZoneStudioProps> {
  /** "12" for a zone, "d7" for a draft. */
  which: string;
  theme?: "night" | "day";
  time_zone?: string;
}

type Tab = "zone" | "corners" | "history";
const ARROWS: Record<string, [number, number]> = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const SAVING_WORDS = { saved: "Saved", waiting: "Not saved yet", saving: "Saving", failed: "Not saved", clash: "Two versions" } as const;
const SNAP_WORDS = { vertex: "● vertex", street: "● street", zone: "● other zone" } as const;

export function ZoneStudio(props: ZoneStudioProps) {
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  const [studio] = React.useState(() => new Studio(props.which, props.theme));
  const [run] = React.useState(() => new RehearsalRun(studio, redraw));
  const [tab, setTab] = React.useState<Tab>("zone");
  const [open, setOpen] = React.useState<"from" | "hours" | "keys" | null>(null);
  const frame = React.useRef<HTMLDivElement>(null);
  const timeZone = props.time_zone ?? "UTC";

  React.useEffect(() => {
    const stop = studio.on(redraw);
    void studio.start(frame.current!);
    const themeWatch = new MutationObserver(() => studio.view.restyle());
    themeWatch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    // What was typed in the last half second goes out before the page does.
    const leave = (event: BeforeUnloadEvent) => {
      if (studio.session && studio.session.saving !== "saved") event.preventDefault();
    };
    window.addEventListener("beforeunload", leave);
    return () => {
      stop();
      run.stop();
      themeWatch.disconnect();
      window.removeEventListener("beforeunload", leave);
      studio.stop();
    };
  }, []);

  React.useEffect(() => {
    const acts: Partial<Record<StudioKey, (event: KeyboardEvent) => boolean | void>> = {
      snap: () => studio.hand.setSnapping(!studio.hand.isSnapping),
      table: () => setTab((before) => (before === "corners" ? "zone" : "corners")),
      rehearse: () => void run.start(),
      fit: () => studio.view.fit(),
      delete: () => studio.hand.deleteChosen(),
      undo: () => studio.hand.undo(),
      redo: () => studio.hand.redo(),
      save: () => void studio.attempt(async () => studio.session?.flush()),
      send: () => document.querySelector<HTMLFormElement>("form.studio-sign")?.requestSubmit(document.querySelector<HTMLButtonElement>("form.studio-sign [type=submit]")),
      finish: () => studio.hand.finishDrawing(),
      escape: () => studio.hand.escape(),
      address: () => !studio.isLocked && setOpen("from"),
      "zoom-in": () => studio.view.zoomBy(1),
      "zoom-out": () => studio.view.zoomBy(-1),
      move: (event) => {
        const [east, north] = ARROWS[event.key]!;
        const metres = event.shiftKey ? 10 : 1;
        return studio.hand.moveChosen(east * metres, north * metres);
      },
    };
    return onStudioKey((action, event) => {
      const act = acts[action];
      if (act) return act(event) !== false;
      studio.hand.setTool(action as never);
      return true;
    });
  }, []);

  const { session } = studio;
  return h(
    "div",
    { id: props.id, className: "studio" },
    h(Head, { studio, keys: () => setOpen("keys") }),
    h(
      "div",
      { className: "studio-middle" },
      h(Toolbar, { studio, from: () => setOpen("from") }),
      h(
        "section",
        { className: "studio-map", "aria-label": "Map of the zone" },
        h("div", { ref: frame, className: "studio-canvas" }),
        studio.progress && h("p", { className: "vigil-map-words", role: "status" }, studio.progress),
        studio.view.trouble && h("p", { className: "vigil-map-trouble", role: "status" }, studio.view.trouble),
        h("p", { className: "studio-say", role: "status", "aria-live": "polite", "data-empty": studio.said ? undefined : true }, studio.said),
        studio.hand.snapTarget && h("p", { className: "studio-snap" }, `snap ${SNAP_WORDS[studio.hand.snapTarget]}`),
        h("div", { className: "studio-corner-box" }, h(Legend, { studio }), h(MapTime, { studio, timeZone })),
        studio.view.thanks && h("p", { className: "vigil-map-thanks" }, studio.view.thanks),
        h(ClashBar, { studio }),
      ),
      h(
        "aside",
        { className: "studio-side", "aria-label": "Inspector", hidden: !session && !studio.page },
        h(Tabs<Tab>, { label: "Of the zone", tabs: tabsOf(studio), now: tab, give: setTab }),
        tab === "zone" && h(Inspector, { studio, hours: () => setOpen("hours") }),
        tab === "corners" && h(VertexTable, { studio }),
        tab === "history" && h(History, { studio, timeZone }),
      ),
    ),
    session && h(RehearsalPanel, { studio, run, timeZone }),
    h(SignBar, { studio, timeZone }),
    open === "from" && h(StartFrom, { studio, close: () => setOpen(null) }),
    open === "hours" && session && h(Hours, { studio, timeZone, close: () => setOpen(null) }),
    open === "keys" && h(Keys, { close: () => setOpen(null) }),
  );
}

function tabsOf({ page }: Studio): [Tab, React.ReactNode][] {
  return [
    ["zone", "Zone"],
    ["corners", ["Corners", h("kbd", { key: "T" }, "T")]],
    ["history", page ? `History (${page.versions.length})` : "History"],
  ];
}

function Head({ studio, keys }: { studio: Studio; keys: () => void }) {
  const { session, page, base } = studio;
  const code = session?.draft.case_code ?? page?.zone.case_code ?? "";
  const label = session?.draft.label ?? page?.zone.label ?? "";
  const next = (base?.number ?? 0) + 1;
  return h(
    "header",
    { className: "studio-head" },
    h("a", { className: "act act-quiet", href: "/zones" }, "‹ Zones"),
    h("h1", null, code && h("span", { className: "case-code" }, code), " ", label),
    studio.shown && h("span", { className: "studio-badge" }, base ? `v${base.number} in force${base.is_emergency ? ", emergency" : ""}` : `ended with v${studio.shown.number}`),
    session && h("span", { className: "studio-badge studio-badge-draft" }, stateWords(session.draft, next)),
    h("span", { className: "studio-gap" }),
    session && h("span", { className: "studio-saving", "data-state": session.saving, role: "status", title: session.trouble }, SAVING_WORDS[session.saving], session.saving === "failed" && `: ${session.trouble}`),
    session && h("button", { type: "button", className: "act", disabled: !session.canUndo, title: "Undo (Ctrl+Z)", onClick: () => studio.hand.undo() }, "Undo"),
    session && h("button", { type: "button", className: "act", disabled: !session.canRedo, title: "Redo (Ctrl+Shift+Z)", onClick: () => studio.hand.redo() }, "Redo"),
    !session && page && h("button", { type: "button", className: "act act-main studio-edit", disabled: page.may?.draw === false, onClick: () => void edit(studio) }, "Edit as a draft"),
    h("button", { type: "button", className: "act act-quiet", onClick: keys }, "Keys"),
  );
}

function stateWords({ state, author }: Draft, next: number): string {
  if (state === "editing") return `editing draft v${next}, ${author}`;
  // What has been signed or dropped will be no further version.
  return state === "signed" || state === "dropped" ? `draft ${state}` : `draft v${next} ${state}`;
}

function Keys({ close }: { close: () => void }) {
  const signs: Record<string, string> = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc", Delete: "Del" };
  const words = (key: string) => key.split("+").map((part) => signs[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join("+") || "+";
  return h(
    Dialog,
    { label: "Keys of the studio", className: "studio-dialog studio-keys", close },
    h("header", null, h("h2", null, "Keys of the studio"), h("button", { type: "button", className: "act", onClick: close }, "Close", h("kbd", null, "Esc"))),
    h("dl", null, ...STUDIO_KEYS.flatMap((entry) => [h("dt", { key: entry.action }, ...entry.keys.map((key) => h("kbd", { key }, words(key)))), h("dd", { key: `${entry.action}-words` }, entry.words)])),
  );
}
