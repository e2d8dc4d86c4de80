// What the second person sees before signing: the draft over what is in force, and the ground between.

import { liveFeed } from "../live/feed.ts";
import { type DashProps, h, React } from "../react.ts";
import type { Rehearsal } from "./answers.ts";
import { api } from "./api.ts";
import { Studio } from "./controller.ts";
import { momentWords, squareMetres, triedWords } from "./words.ts";
import { measuresOf } from "./measures.ts";
import { hoursWords } from "./week.ts";
import { Legend } from "./legend.ts";

export interface ZoneCompareProps extends DashProps<ZoneCompareProps> {
  /** "d7" of the draft that waits, "d7,d8" of several, "z12" of a zone that would end; nothing is shown without. */
  which?: string | null;
  theme?: "night" | "day";
  /** Counts up when somebody asked for a signature or gave one, for the page's lists. */
  heard?: number;
  time_zone?: string;
}

export function ZoneCompare(props: ZoneCompareProps) {
  const newest = React.useRef(props);
  newest.current = props;
  React.useEffect(() => {
    const feed = liveFeed();
    return feed.on("changed", () => {
      const { setProps, heard = 0 } = newest.current;
      if (feed.lastChanged.includes("signatures")) setProps({ heard: heard + 1 });
    });
  }, []);
  const drafts = props.which ? props.which.split(",") : [];
  return h(React.Fragment, null, ...drafts.map((which) => h(Comparison, { key: which, which, theme: props.theme, timeZone: props.time_zone })));
}

function Comparison({ which, theme, timeZone }: { which: string; theme: string | undefined; timeZone: string | undefined }) {
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  const [studio] = React.useState(() => new Studio(which, theme));
  const frame = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    const stop = studio.on(redraw);
    void studio.start(frame.current!);
    return () => {
      stop();
      studio.stop();
    };
  }, []);
  const { session, base, compare, page } = studio;
  const draft = session?.draft;
  const about = draft ?? page?.zone;
  const [tried, setTried] = React.useState<Rehearsal | null>(null);
  const triedId = draft?.rehearsal?.rehearsal_id;
  React.useEffect(() => {
    if (draft && triedId) void api.rehearsal(draft.draft_id).then(setTried, () => setTried(null));
  }, [triedId]);
  const facts: [string, string][] = draft
    ? [
        ["Kind", draft.kind],
        ["Area", `${squareMetres(draft.measures?.area_m2 ?? 0)}${compare ? `: + ${squareMetres(compare.added_m2)}, − ${squareMetres(compare.removed_m2)}` : ""}`],
        ["Buffer", base ? `${base.buffer_m} m, then ${draft.buffer_m} m` : `${draft.buffer_m} m`],
        ["Hours", base ? `${hoursWords(base.schedule)}, then ${hoursWords(draft.schedule)}` : hoursWords(draft.schedule)],
        ...draft.permissions.map(({ from, to, reason }): [string, string] => ["He may be there", `${momentWords(from, timeZone)} to ${momentWords(to, timeZone)}: ${reason}`]),
        ["Begins", draft.valid_from ? momentWords(draft.valid_from, timeZone) : "when it is signed"],
        ["Order", draft.order_ref || "–"],
        ["Drawn by", draft.author],
      ]
    : base
      ? [
          ["Kind", base.kind],
          ["Area", squareMetres(measuresOf(studio).areaM2)],
          ["Buffer", `${base.buffer_m} m`],
          ["Hours", hoursWords(base.schedule)],
          ["In force since", momentWords(base.valid_from, timeZone)],
          ["Order", base.order_ref || "–"],
        ]
      : [];
  return h(
    "section",
    { className: "zone-compare", "aria-label": "What would change" },
    h(
      "div",
      { className: "studio-map" },
      h("div", { ref: frame, className: "studio-canvas" }),
      studio.progress && h("p", { className: "vigil-map-words", role: "status" }, studio.progress),
      h(Legend, { studio }),
      studio.view.thanks && h("p", { className: "vigil-map-thanks" }, studio.view.thanks),
    ),
    h(
      "div",
      { className: "zone-compare-side" },
      h("h3", null, about && `${about.case_code} ${about.label}`),
      h("h3", null, !draft ? `v${base?.number} would be taken out of force` : base ? `In place of v${base.number}` : "A new zone"),
      h("dl", { className: "studio-measures" }, ...facts.flatMap(([name, value]) => [h("dt", { key: name + value }, name), h("dd", { key: `${name}-${value}` }, value)])),
      tried && h("p", null, triedWords(tried)),
      h("ul", { className: "studio-lines" }, ...studio.checks.filter((check) => check.level !== "ok").map((check) => h("li", { key: check.words }, check.words))),
      h("a", { className: "act", href: `/zones/${which.replace("z", "")}` }, "Open in the studio"),
    ),
  );
}
