// Everything that has a moment: breaches, encounters, device events, gaps and stops.

import { h, React } from "../react.ts";
import { useModel } from "./hooks.ts";
import { eventsOf } from "./jumps.ts";
import { MomentTable } from "./moment_table.ts";
import type { TabProps } from "./tabs.ts";

export function EventsTab({ model }: TabProps) {
  useModel(model, "data");
  const rows = React.useMemo(() => eventsOf(model).map((each) => ({ ...each, toS: null })), [model.loaded, model.lanes, model.bookmarks]);
  if (!rows.length) {
    const words = model.first?.track.places.length
      ? "No breach, device event, stop or gap in this period. That is a result."
      : "Nothing was recorded in this period, so nothing can be said of it. Choose another under Change.";
    return h("p", { className: "empty" }, words);
  }
  return h(MomentTable, { model, rows, caption: `${rows.length} events, stops and gaps in time order` });
}
