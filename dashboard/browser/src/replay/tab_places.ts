// Where he usually is and at which hours, and places that are new this week.

import { h, React } from "../react.ts";
import { useModel } from "./hooks.ts";
import type { UsualPlace } from "./lane_data.ts";
import { fullIn, lastingWords } from "./times.ts";
import type { TabProps } from "./tabs.ts";

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export function PlacesTab({ model }: TabProps) {
  useModel(model, "data");
  const id = model.first?.about.activation_id;
  const [places, setPlaces] = React.useState<UsualPlace[] | null>(null);
  React.useEffect(() => {
    if (id === undefined) return;
    const isOver = { now: false };
    void fetch(`/replay/${id}/places.json?to=${model.view.toS ?? ""}`)
      .then((answer) => (answer.ok ? answer.json() : { places: [] }))
      .then((found: { places: UsualPlace[] }) => !isOver.now && setPlaces(found.places));
    return () => {
      isOver.now = true;
    };
  }, [id, model.view.toS]);
  if (!places) return h("p", { className: "empty" }, "Loading usual places");
  if (!places.length) return h("p", { className: "empty" }, "No place with a stop of five minutes in the 90 days before.");
  return h(
    "div",
    { className: "replay-places" },
    h("p", { className: "hint" }, "Stops of the 90 days up to the end of this period, joined within 100 m. Bars: share of each local hour."),
    ...places.map((place) => {
      const most = Math.max(1, ...place.by_hour_min);
      return h(
        "section",
        { key: place.name },
        h(
          "h4",
          null,
          place.name,
          place.is_new && h("span", { className: "vigil-mark", title: `first stop ${fullIn(model.timeZone, place.first_s)}` }, "new this week"),
        ),
        h("p", { className: "hint" }, `${place.visits} stops, ${lastingWords(place.total_s)} in all`),
        h(
          "div",
          { className: "replay-hours", role: "img", "aria-label": `minutes by hour: ${place.by_hour_min.map(Math.round).join(", ")}` },
          ...HOURS.map((hour) =>
            h("i", {
              key: hour,
              title: `${hour}-${hour + 1} h: ${Math.round(place.by_hour_min[hour]!)} min`,
              style: { height: `${Math.max(2, (100 * place.by_hour_min[hour]!) / most)}%` },
            }),
          ),
        ),
      );
    }),
    h("div", { className: "replay-hours-scale hint", "aria-hidden": true }, ...["0", "6", "12", "18", "24 h"].map((each) => h("span", { key: each }, each))),
  );
}
