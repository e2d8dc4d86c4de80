// Which moment the zones on the map are of: now, or any other.

import { WhenField } from "../forms/when_field.ts";
import { h } from "../react.ts";
import type { Studio } from "./controller.ts";
import { momentOf, wallAt } from "./week.ts";

export function MapTime({ studio, timeZone }: { studio: Studio; timeZone: string }) {
  const { zonesAt } = studio.view;
  const give = (wall: string | null) => wall !== null && studio.view.showZonesAt(wall ? momentOf(wall, timeZone) : null);
  const label = zonesAt ? "Zones in force at" : "Zones in force now, or at";
  return h(
    "div",
    { className: "studio-at", "data-past": zonesAt ? true : undefined },
    h("label", null, label, h(WhenField, { sort: "moment", label, value: zonesAt ? wallAt(zonesAt, timeZone) : "", give })),
    zonesAt && h("button", { type: "button", className: "act", onClick: () => studio.view.showZonesAt(null) }, "Now"),
  );
}
