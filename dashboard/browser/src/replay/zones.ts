// Which zones are drawn at an instant: the version in force then, not today's. Pure.

import type { FeatureCollection } from "geojson";
import type { ZoneVersion } from "./model.ts";

/** Versions that hold at an instant; half-open, so at its end a version holds no longer. */
export function versionsAt(versions: readonly ZoneVersion[], atS: number): ZoneVersion[] {
  return versions.filter((each) => each.fromS <= atS && atS < each.toS);
}

function isOpen(version: ZoneVersion, atS: number): boolean {
  return version.open.some(([from, to]) => from <= atS && atS < to);
}

/** What tells two pictures of the zones apart; equal keys draw the same. */
export function zonesKey(versions: readonly ZoneVersion[], atS: number): string {
  return versionsAt(versions, atS)
    .map((each) => `${each.features[0]?.properties?.["zone_version_id"]}${isOpen(each, atS) ? "+" : "-"}`)
    .join();
}

export function zonesAt(versions: readonly ZoneVersion[], atS: number): FeatureCollection {
  const features = versionsAt(versions, atS).flatMap((version) =>
    version.features.map((feature) => ({
      ...feature,
      properties: { ...feature.properties, in_force: isOpen(version, atS) },
    })),
  );
  return { type: "FeatureCollection", features };
}

/** victim safe area 1 v7; with its case where several are on the clock. */
export function versionWords(version: ZoneVersion, isOne = true): string {
  const properties = version.features[0]?.properties ?? {};
  return `${isOne ? "" : `${properties["case_code"]} `}${properties["name"]} v${properties["number"]}`;
}
