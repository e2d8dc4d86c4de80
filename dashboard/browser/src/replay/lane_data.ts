// What the server says about a track beside its fixes (layers/replay_lanes.py).

export interface Lane {
  key: string;
  title: string;
  /** How it was worked out. */
  rule: string;
  /** from, to (unix s), level 1..3, words. */
  stretches: [number, number, number, string][];
  /** at (unix s), kind, words. */
  marks: [number, string, string][];
}

export interface Stop {
  from_s: number;
  to_s: number;
  lon: number;
  lat: number;
  place: string;
}

export interface Trip {
  from_s: number;
  to_s: number;
  distance_m: number;
  unseen_s: number;
}

export interface UsualPlace {
  name: string;
  lon: number;
  lat: number;
  visits: number;
  total_s: number;
  first_s: number;
  is_new: boolean;
  /** Minutes there by hour of the local day, 24 of them. */
  by_hour_min: number[];
}

export interface LaneData {
  lanes: Lane[];
  stops: Stop[];
  trips: Trip[];
}

export const NO_LANES: LaneData = { lanes: [], stops: [], trips: [] };
