// Stops and the trips between them; a stop is on the map under its number.

import { h, React } from "../react.ts";
import { useModel } from "./hooks.ts";
import type { LaneData } from "./lane_data.ts";
import { MomentTable, type MomentRow } from "./moment_table.ts";
import { lastingWords } from "./times.ts";
import type { TabProps } from "./tabs.ts";

export function StopsTab({ model }: TabProps) {
  useModel(model, "data");
  const { stops, trips } = model.lanes;
  const rows = React.useMemo(() => rowsOf(model.lanes), [model.lanes]);
  if (!stops.length) return h("p", { className: "empty" }, "No stop in this period: nowhere five minutes within 50 m.");
  return h(MomentTable, { model, rows, caption: `${stops.length} stops and ${trips.length} trips` });
}

function rowsOf({ stops, trips }: LaneData): MomentRow[] {
  const row = (each: { from_s: number; to_s: number }, words: string) => ({
    atS: each.from_s,
    toS: each.to_s,
    words,
    lastsS: each.to_s - each.from_s,
  });
  return [
    ...stops.map((stop, index) => row(stop, `${index + 1} · at ${stop.place}`)),
    ...trips.map((trip) => {
      const unseen = trip.unseen_s > 0 ? `, ${lastingWords(trip.unseen_s)} not observed` : "";
      return row(trip, `trip of ${(trip.distance_m / 1000).toFixed(1)} km${unseen}`);
    }),
  ].sort((here, there) => here.atS - there.atS);
}
