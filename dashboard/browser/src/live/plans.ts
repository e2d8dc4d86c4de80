// How often each tag should speak, and from when on its silence is news. Pure.

import type { TagStore } from "./tags.ts";

/** As the judge calls a tag silent: three reports that did not come, and three minutes at least. */
const REPORTS = 3;
const LEAST_S = 180;
/** As data/rules/gaps.py: above this two fixes are not joined, nobody saw what lies between. */
const GAP_LEAST_S = 120;
/** Of many tags one or another speaks each second. */
const ALL_LEAST_S = 60;
/** So many planned reports that did not come, one after the other, of any tags: no chance does that. */
const MISSED = 6;
/** For a tag whose plan is not known (yet). */
export const UNPLANNED_S = 300;

export class Plans {
  private every = new Map<number, number>();
  /** How many fixes all of them should send. */
  private aSecond = 0;
  private limits = new Float32Array(0);
  private count = -1;
  private newestId: number | undefined;

  /** The directory of tags as the server sends it, by id. */
  hear(directory: Readonly<Record<string, { report_every_s?: number | null }>>): void {
    this.every = new Map(
      Object.entries(directory).flatMap(([id, tag]) => (tag.report_every_s ? [[Number(id), tag.report_every_s] as const] : [])),
    );
    this.aSecond = 0;
    for (const every of this.every.values()) this.aSecond += 1 / every;
    this.count = -1;
  }

  /** From this age on, in seconds, the fix in each row is stale; as long as the store's columns. */
  limitsOf(tags: TagStore): Float32Array {
    if (this.count === tags.count && this.newestId === tags.ids[tags.count - 1]) return this.limits;
    this.limits = Float32Array.from(tags.ids, (id) => this.staleAfterS(id));
    this.count = tags.count;
    this.newestId = tags.ids[tags.count - 1];
    return this.limits;
  }

  /** Seconds between two fixes above which a track of this tag is broken. */
  gapAfterS(id: number): number {
    return Math.max(REPORTS * (this.every.get(id) ?? 0), GAP_LEAST_S);
  }

  /** When for so long no tag at all has said anything, nothing is coming in; never while no plan is known. */
  allSilentAfterS(): number {
    return this.aSecond > 0 ? Math.max(ALL_LEAST_S, MISSED / this.aSecond) : Infinity;
  }

  staleAfterS(id: number): number {
    const every = this.every.get(id);
    return every === undefined ? UNPLANNED_S : Math.max(REPORTS * every, LEAST_S);
  }
}
