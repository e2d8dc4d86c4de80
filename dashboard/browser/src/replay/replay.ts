// The Dash component: strip, map, facts, tabs, lanes and the transport, all round one model.

import { type DashProps, h, React } from "../react.ts";
import { readAddress } from "./address.ts";
import { Facts } from "./facts.ts";
import { useModel } from "./hooks.ts";
import { LanesView } from "./lanes_view.ts";
import { load, loadBeside, NotShown } from "./load.ts";
import { MapPane } from "./map_pane.ts";
import { ReplayModel } from "./model.ts";
import { Picker } from "./picker.ts";
import { bindKeys } from "./keys.ts";
import { Strip } from "./strip.ts";
import { TABS } from "./tabs.ts";
import { Transport } from "./transport.ts";

export interface ReplayProps extends DashProps<ReplayProps> {
  theme?: "night" | "day";
  time_zone?: string;
  /** Set here: the case whose victim a reveal is about. */
  case_code?: string | null;
  /** Changes when she is revealed. */
  looked?: unknown;
}

type Stage = { is: "picking" } | { is: "loading" } | { is: "open" } | { is: "failed"; words: string };

export function Replay(props: ReplayProps) {
  const model = React.useMemo(() => new ReplayModel(props.time_zone ?? "UTC"), [props.time_zone]);
  const newest = React.useRef(props);
  newest.current = props;
  const [stage, setStage] = React.useState<Stage>({ is: "loading" });
  React.useEffect(() => {
    const open = () => {
      const view = readAddress(location.search);
      if (!view.activations.length) return setStage({ is: "picking" });
      setStage({ is: "loading" });
      model.view = view;
      load(model, view).then(
        () => newest.current.setProps({ case_code: model.first?.about.case_codes[0] ?? null }),
        (error: Error) => {
          console.warn("Vigil replay:", error.message);
          const words = error instanceof NotShown ? error.message : "The track could not be fetched. Try again.";
          setStage({ is: "failed", words });
        },
      );
    };
    const stops = [model.on("data", () => setStage({ is: "open" })), bindKeys(model)];
    window.addEventListener("popstate", open);
    open();
    return () => {
      window.removeEventListener("popstate", open);
      stops.forEach((stop) => stop());
      model.stop();
    };
  }, [model]);

  React.useEffect(() => {
    if (props.looked !== undefined && props.looked !== null) void loadBeside(model);
  }, [props.looked]);

  if (stage.is === "picking") return h("div", { id: props.id, className: "replay is-picking" }, h(Picker, { timeZone: model.timeZone }));
  if (stage.is === "failed") {
    return h(
      "div",
      { id: props.id, className: "replay is-picking" },
      h("p", { role: "alert", className: "replay-failed" }, stage.words),
      h("p", null, h("a", { href: "/replay" }, "Choose another track")),
    );
  }
  return h(
    "div",
    { id: props.id, className: "replay", "data-stage": stage.is },
    h(Strip, { model }),
    h(
      "div",
      { className: "replay-upper" },
      h(MapPane, { model, theme: props.theme}),
      h("aside", { className: "replay-side" }, h(Facts, { model }), h(Tabs, { model })),
    ),
    h(LanesView, { model }),
    h(Transport, { model }),
    stage.is === "loading" && h("p", { className: "replay-loading", role: "status" }, "Loading the track"),
  );
}

function Tabs({ model }: { model: ReplayModel }) {
  useModel(model, "view");
  const open = TABS.find((tab) => tab.key === model.view.tab) ?? TABS[0]!;
  return h(
    "section",
    { className: "replay-tabs" },
    h(
      "div",
      { role: "tablist", "aria-label": "About the track" },
      ...TABS.map((tab) =>
        h(
          "button",
          {
            key: tab.key,
            type: "button",
            role: "tab",
            id: `replay-tab-${tab.key}`,
            "aria-selected": tab === open,
            "aria-controls": "replay-tabpanel",
            onClick: () => model.change({ tab: tab.key }),
          },
          tab.title,
        ),
      ),
    ),
    h(
      "div",
      { role: "tabpanel", id: "replay-tabpanel", "aria-labelledby": `replay-tab-${open.key}`, tabIndex: 0 },
      h(open.panel, { key: open.key, model }),
    ),
  );
}
