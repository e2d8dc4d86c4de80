// The page of past breaches: filter, map, list and the one that is selected. One view, one address.

import { exhibit, printPage, saveAs } from "../exhibit/exhibit.ts";
import { MapSources } from "../map/sources.ts";
import { type DashProps, h, React } from "../react.ts";
import { type Answer, ask, type List, type PastBreach, type Track, Unanswered } from "./answers.ts";
import { BreachMap } from "./breach_map.ts";
import { ByHour } from "./by_hour.ts";
import { Facts } from "./facts.ts";
import { exhibitOf } from "./on_paper.ts";
import { FilterForm } from "./filter_form.ts";
import { BreachList } from "./list.ts";
import { addressOf, type HistoryView, isFiltered, NO_FILTER, queryOf, type Show, viewOf } from "./view.ts";

export interface BreachHistoryProps extends DashProps<BreachHistoryProps> {
  time_zone?: string;
  demo?: boolean;
}

const NO_WEBGL = "This browser cannot draw the map (it needs WebGL 2). The list still works.";
const ADDRESS_AFTER_MS = 300;
const AGAIN_MS = 4_000;
const SHOW_WORDS: Record<Show, string> = { points: "Points", tracks: "Tracks", heat: "Heat" };

export function BreachHistory(props: BreachHistoryProps) {
  const [view, setView] = React.useState<HistoryView>(() => viewOf(location.search));
  const query = queryOf(view.filter);
  const frame = React.useRef<HTMLDivElement>(null);
  const map = React.useRef<BreachMap | null>(null);
  const newest = React.useRef(view);
  newest.current = view;
  const [trouble, setTrouble] = React.useState("");
  const [thanks, setThanks] = React.useState("");
  const [isBlind, setBlind] = React.useState(false);
  const list = useAnswer<List>(`/history/list.json?${query}${view.page ? `&page=${view.page}` : ""}`);
  const grid = useAnswer<number[][]>(`/history/by-hour.json?${query}`);
  const chosen = useAnswer<PastBreach>(view.breach === null ? null : `/history/${view.breach}.json`);
  const tracks = useAnswer<(Track & { breach_id: number })[]>(
    view.show === "tracks" ? `/history/tracks.json?${query}` : null,
  );

  React.useEffect(() => {
    const sources = new MapSources((part) => {
      if (part === "basemap") setThanks(sources.basemap?.attribution ?? "");
      const isHere = sources.state.catalogue !== "loading" && sources.state.basemap !== "loading";
      if (map.current) {
        if (part === "catalogue" || part === "basemap") map.current.restyle();
      } else if (isHere) start();
    });
    const start = () => {
      const now = newest.current;
      try {
        const made = new BreachMap(
          frame.current!,
          sources,
          { picked: (breach) => setView((old) => ({ ...old, breach })), trouble: setTrouble },
          queryOf(now.filter),
          now.show,
        );
        map.current = made;
        if (now.breach === null) void fit(made, queryOf(now.filter));
      } catch (error) {
        console.error("Vigil map:", error);
        setBlind(true);
      }
    };
    void document.fonts.load('500 12px "Inter"').finally(() => sources.load());
    const themes = new MutationObserver(() => map.current?.restyle());
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => {
      themes.disconnect();
      sources.stop();
      map.current?.destroy();
      map.current = null;
    };
  }, []);

  React.useEffect(() => map.current?.setFilter(query), [query]);
  React.useEffect(() => map.current?.setShow(view.show), [view.show]);
  React.useEffect(() => map.current?.setTracks(tracks.answer?.found ?? []), [tracks.answer]);
  React.useEffect(() => map.current?.choose(chosen.answer?.found ?? null, true), [chosen.answer]);
  React.useEffect(() => {
    const written = addressOf(view);
    const later = setTimeout(() => {
      history.replaceState(history.state, "", written ? `?${written}` : location.pathname);
    }, ADDRESS_AFTER_MS);
    return () => clearTimeout(later);
  }, [view]);

  const change = (changed: Partial<HistoryView>) => setView((old) => ({ ...old, ...changed }));
  const picture = async (use: (made: Blob) => void) => {
    if (!map.current) return;
    try {
      const what = exhibitOf(view, list.answer, chosen.answer, {
        timeZone: props.time_zone,
        isDemo: props.demo === true,
        thanks,
      });
      use(await exhibit(map.current.map, what));
    } catch (error) {
      console.warn("Vigil:", error);
      setTrouble("The picture could not be made");
    }
  };
  const clear = () => change({ filter: NO_FILTER, page: 0 });
  return h(
    "div",
    { id: props.id, className: "vigil-history" },
    h(
      "section",
      { className: "vigil-history-filter", "aria-label": "Filter" },
      h(FilterForm, {
        filter: view.filter,
        change: (filter) => change({ filter, page: 0 }),
        clear: isFiltered(view.filter) ? clear : null,
      }),
      h(ByHour, { counts: grid.answer?.found ?? null }),
    ),
    h(
      "section",
      { className: "vigil-map vigil-history-map", "aria-label": "Map of past breaches" },
      h(
        "div",
        { className: "vigil-map-frame" },
        h("div", { ref: frame, className: "vigil-map-canvas" }),
        isBlind && h("div", { className: "vigil-map-words", role: "alert" }, NO_WEBGL),
        trouble && h("div", { className: "vigil-map-trouble", role: "status" }, trouble),
        h(
          "div",
          { className: "vigil-history-show", role: "group", "aria-label": "Show as" },
          (Object.keys(SHOW_WORDS) as Show[]).map((show) =>
            h(
              "button",
              {
                key: show,
                type: "button",
                className: "act",
                "aria-pressed": view.show === show,
                onClick: () => change({ show }),
              },
              SHOW_WORDS[show],
            ),
          ),
        ),
        h(Legend, { show: view.show, drawn: tracks.answer?.found.length ?? null }),
        h(
          "div",
          { className: "vigil-map-buttons", role: "toolbar", "aria-label": "Map" },
          button("Zoom in", "+", () => map.current?.zoomBy(1)),
          button("Zoom out", "−", () => map.current?.zoomBy(-1)),
          button("All that match", "⤢", () => map.current && void fit(map.current, query)),
          button("Save as a picture", SAVE, () => void picture((made) => saveAs(made, "vigil-history.png"))),
          button("Print", PRINT, () => void picture((made) => void printPage(made))),
        ),
        thanks && h("div", { className: "vigil-map-thanks" }, thanks),
      ),
    ),
    h(
      "section",
      { className: "vigil-history-side", "aria-label": "Past breaches" },
      view.breach !== null &&
        h(Facts, {
          answer: chosen,
          timeZone: props.time_zone,
          close: () => change({ breach: null }),
        }),
      h(BreachList, {
        answer: list,
        view,
        timeZone: props.time_zone,
        choose: (breach: number) => change({ breach }),
        turn: (page: number) => change({ page }),
        clear: isFiltered(view.filter) ? clear : null,
      }),
    ),
  );
}

async function fit(map: BreachMap, query: string): Promise<void> {
  try {
    const { found } = await ask<[number, number, number, number] | null>(`/history/extent.json?${query}`);
    map.frame(found);
  } catch {
    // The map stays where it is; the list says what is wrong.
  }
}

// Drawn: signs for them are in few fonts.
const drawing = (path: string) =>
  h(
    "svg",
    { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": true },
    h("path", { d: path, fill: "none", stroke: "currentColor", strokeWidth: 1.75 }),
  );
const SAVE = drawing("M8 2v8M4.5 6.5 8 10l3.5-3.5M2 11v3h12v-3");
const PRINT = drawing("M4 6V2h8v4M4 11H2V6h12v5h-2M4 9h8v5H4z");

function button(label: string, mark: React.ReactNode, press: () => void) {
  return h("button", { key: label, type: "button", title: label, "aria-label": label, onClick: press }, mark);
}

function Legend({ show, drawn }: { show: Show; drawn: number | null }) {
  const lines =
    show === "heat"
      ? [h("li", { key: 1 }, h("i", { className: "mark-heat" }), "the denser, the more breaches")]
      : [
          h("li", { key: 1 }, h("i", { className: "mark-full" }), "borne out by the track"),
          h("li", { key: 2 }, h("i", { className: "mark-hollow" }), "possible only"),
          h("li", { key: 3 }, h("i", { className: "mark-many" }, "12"), "several close together"),
        ];
  if (show === "tracks" && drawn !== null) {
    lines.push(h("li", { key: 4 }, h("i", { className: "mark-track" }), `visits, the newest ${drawn}; gaps not joined`));
  }
  return h("ul", { className: "vigil-history-legend" }, lines);
}

export interface Asked<Found> {
  answer: Answer<Found> | null;
  words: string;
}

/** The answer of this address; what is shown stays until the next has come. */
function useAnswer<Found>(address: string | null): Asked<Found> {
  const [asked, setAsked] = React.useState<Asked<Found>>({ answer: null, words: "" });
  React.useEffect(() => {
    if (address === null) {
      setAsked({ answer: null, words: "" });
      return undefined;
    }
    const stop = new AbortController();
    let retry: ReturnType<typeof setTimeout> | undefined;
    const attempt = () =>
      ask<Found>(address, stop.signal).then(
        (answer) => setAsked({ answer, words: "" }),
        (error: Error) => {
          if (stop.signal.aborted) return;
          setAsked({ answer: null, words: error.message });
          // A refusal stays one; a server that was away comes back.
          if (error instanceof Unanswered) retry = setTimeout(() => void attempt(), AGAIN_MS);
        },
      );
    void attempt();
    return () => {
      stop.abort();
      clearTimeout(retry);
    };
  }, [address]);
  return asked;
}
