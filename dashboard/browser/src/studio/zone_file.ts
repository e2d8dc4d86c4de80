// Files that zones come in: what is taken, and read by the server.

import type { Imported } from "./answers.ts";
import { api } from "./api.ts";

export const ZONE_FILES = ".geojson,.json,.kml,.gpx,.gpkg";
const LARGEST = 5_000_000;

/** The areas in a file; throws with words for a person where there are none to take. */
export async function readZoneFile(file: File): Promise<Imported> {
  if (file.size === 0) throw new Error("The file is empty.");
  // Said before it is sent: the server does not hear out what is too large.
  if (file.size > LARGEST) throw new Error(`The file has ${(file.size / 1e6).toFixed(1)} MB; at most ${LARGEST / 1e6} MB are taken.`);
  return api.upload(file);
}
