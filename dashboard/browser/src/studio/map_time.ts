// Which moment the zones on the map are of: now, or any other.

import { h } from "../react.ts";
import type { Studio } from "./controller.ts";
import { momentOf, wallAt } from "./week.ts";

export function MapTime({ studio, timeZone }: { studio: Studio; timeZone: string }) {
  const { zonesAt } = studio.view;
  const give = (event: React.ChangeEvent<HTMLInputElement>) => studio.view.showZonesAt(event.target.value ? momentOf(event.target.value, timeZone) : null);
  return h(
    "div",
    { className: "studio-at", "data-past": zonesAt ? true : undefined },
    h("label", null, zonesAt ? "Zones in force at" : "Zones in force now, or at", h("input", { type: "datetime-local", value: zonesAt ? wallAt(zonesAt, timeZone) : "", onChange: give })),
    zonesAt && h("button", { type: "button", className: "act", onClick: () => studio.view.showZonesAt(null) }, "Now"),
  );
}
