// Where things are: the bounds of a tag, a zone, or all there is.

import type { LiveFeed, Selection } from "../live/feed.ts";
import { type Bounds, boundsOf, join, positions } from "./framing.ts";
import type { MapSources } from "./sources.ts";

export class Places {
  constructor(
    private readonly feed: LiveFeed,
    private readonly sources: MapSources,
  ) {}

  ofTag(activationId: number | null): Bounds | null {
    const { tags } = this.feed;
    const slot = activationId === null ? -1 : tags.slotOf(activationId);
    return slot < 0 ? null : boundsOf([[tags.lon(slot), tags.lat(slot)]]);
  }

  ofZone(zoneId: number | null): Bounds | null {
    if (zoneId === null) return null;
    let bounds: Bounds | null = null;
    for (const feature of this.sources.zones.features) {
      if (feature.properties?.["zone_id"] !== zoneId || !("coordinates" in feature.geometry)) continue;
      bounds = join(bounds, boundsOf(positions(feature.geometry.coordinates)));
    }
    return bounds;
  }

  of(selection: Pick<Selection, "activationId" | "zoneId">): Bounds | null {
    return join(this.ofTag(selection.activationId), this.ofZone(selection.zoneId));
  }

  ofAll(): Bounds | null {
    const { tags } = this.feed;
    let bounds: Bounds | null = null;
    for (let slot = 0; slot < tags.count; slot++) {
      bounds = join(bounds, boundsOf([[tags.lon(slot), tags.lat(slot)]]));
    }
    for (const feature of this.sources.zones.features) {
      if ("coordinates" in feature.geometry) {
        bounds = join(bounds, boundsOf(positions(feature.geometry.coordinates)));
      }
    }
    return bounds;
  }
}
