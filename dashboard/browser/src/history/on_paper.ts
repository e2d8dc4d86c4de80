// What a picture of the history map says beside the map.

import type { Exhibit } from "../exhibit/exhibit.ts";
import type { Answer, List, PastBreach } from "./answers.ts";
import { whatWords } from "./list.ts";
import { filterWords, type HistoryView } from "./view.ts";

export interface Paper {
  timeZone: string | undefined;
  isDemo: boolean;
  thanks: string;
}

export function exhibitOf(
  view: HistoryView,
  list: Answer<List> | null,
  chosen: Answer<PastBreach> | null,
  paper: Paper,
): Exhibit {
  const breach = chosen?.found;
  const moment = (at: string) => Date.parse(at) / 1000;
  return {
    title: breach ? `Breach ${breach.breach_id}, case ${breach.case_code}` : "Past breaches",
    notes: [
      ...(breach
        ? [
            `${whatWords(breach.kind, breach.zone_name)}, P(inside) ${breach.p_inside.toFixed(3)}, ${breach.grade}` +
              (breach.zone_version === null ? "" : `; zone version ${breach.zone_version}`),
          ]
        : []),
      `Shown: ${filterWords(view.filter)}; ${list?.found.total ?? "?"} in all`,
    ],
    legend:
      view.show === "heat"
        ? [{ mark: "cloud", words: "the denser, the more breaches" }]
        : [
            { mark: "full", words: "breach borne out by the track, where it was surest" },
            { mark: "hollow", words: "possible breach only" },
            { mark: "many", words: "several close together, with their number" },
            ...(breach || view.show === "tracks"
              ? [{ mark: "line" as const, words: "recorded track; gaps are not joined" }]
              : []),
            ...(breach?.zone_shape ? [{ mark: "zone" as const, words: "the zone as it was then" }] : []),
          ],
    times: [
      ...(breach ? [{ words: "entered", unixS: moment(breach.entered_at) }] : []),
      ...(breach?.left_at ? [{ words: "left", unixS: moment(breach.left_at) }] : []),
      { words: "printed", unixS: Math.floor(Date.now() / 1000) },
    ],
    timeZone: paper.timeZone,
    hashes: [
      ...(list ? [{ words: "list", sha256: list.sha256 }] : []),
      ...(chosen ? [{ words: "breach, track and zone", sha256: chosen.sha256 }] : []),
    ],
    thanks: paper.thanks,
    isDemo: paper.isDemo,
  };
}
