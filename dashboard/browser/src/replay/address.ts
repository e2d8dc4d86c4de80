// Same link, same picture: the whole view as an address and back. Ids and moments only. The map's
// middle is written as metres from the track's first fix, so that no link gives a place away.

export const TAILS_MIN = [10, 30, 120, 0] as const;

export interface ViewState {
  activations: number[];
  fromS: number | null;
  toS: number | null;
  atS: number | null;
  speed: number;
  /** Minutes of track behind the marker; 0: all of it. */
  tailMin: number;
  tab: string;
  inS: number | null;
  outS: number | null;
  isRaw: boolean;
  isGliding: boolean;
  hasRings: boolean;
  isSkipping: boolean;
  isFollowing: boolean;
  /** East and north of the track's first fix in metres, and the zoom. */
  map: [number, number, number] | null;
  /** What the lanes show, unix seconds; null: the whole period. */
  window: [number, number] | null;
}

export const FRESH: ViewState = {
  activations: [],
  fromS: null,
  toS: null,
  atS: null,
  speed: 30,
  tailMin: 30,
  tab: "events",
  inS: null,
  outS: null,
  isRaw: false,
  isGliding: false,
  hasRings: true,
  isSkipping: false,
  isFollowing: false,
  map: null,
  window: null,
};

const isoOf = (unixS: number) => new Date(Math.round(unixS * 1000)).toISOString().replace(".000Z", "Z");

/** A period as the server is asked for it. */
export const periodOf = (fromS: number, toS: number) => `from=${isoOf(fromS)}&to=${isoOf(toS)}`;

function secondsOf(words: string | null): number | null {
  if (!words) return null;
  const ms = /^\d+(\.\d+)?$/.test(words) ? Number(words) * 1000 : Date.parse(words);
  return Number.isFinite(ms) ? ms / 1000 : null;
}

export function readAddress(search: string): ViewState {
  const query = new URLSearchParams(search);
  const numbers = (name: string) => (query.get(name) ?? "").split(",").filter(Boolean).map(Number);
  const map = numbers("map");
  const shown = (query.get("show") ?? "").split(",").map(secondsOf);
  return {
    // The desk and other screens name one track, in full.
    activations: [...numbers("a"), ...numbers("activation")].filter((id) => Number.isSafeInteger(id) && id > 0),
    fromS: secondsOf(query.get("from")),
    toS: secondsOf(query.get("to")),
    atS: secondsOf(query.get("at")),
    speed: Number(query.get("x") ?? FRESH.speed) || FRESH.speed,
    tailMin: Number(query.get("tail") ?? FRESH.tailMin),
    tab: query.get("tab") ?? FRESH.tab,
    inS: secondsOf(query.get("in")),
    outS: secondsOf(query.get("out")),
    isRaw: query.get("raw") === "1",
    isGliding: query.get("glide") === "1",
    hasRings: query.get("rings") !== "0",
    isSkipping: query.get("skip") === "1",
    isFollowing: query.get("follow") === "1",
    map: map.length === 3 && map.every(Number.isFinite) ? (map as [number, number, number]) : null,
    window: shown.length === 2 && shown[0] !== null && shown[1] !== null ? [shown[0]!, shown[1]!] : null,
  };
}

export function writeAddress(view: ViewState): string {
  const query = new URLSearchParams();
  const put = (name: string, value: string | number | null, isWanted = true) => {
    if (isWanted && value !== null) query.set(name, String(value));
  };
  put("a", view.activations.join(","), view.activations.length > 0);
  for (const [name, value] of [
    ["from", view.fromS],
    ["to", view.toS],
    ["at", view.atS],
    ["in", view.inS],
    ["out", view.outS],
  ] as const) {
    put(name, value === null ? null : isoOf(value));
  }
  put("x", view.speed, view.speed !== FRESH.speed);
  put("tail", view.tailMin, view.tailMin !== FRESH.tailMin);
  put("tab", view.tab, view.tab !== FRESH.tab);
  put("raw", 1, view.isRaw);
  put("glide", 1, view.isGliding);
  put("rings", 0, !view.hasRings);
  put("skip", 1, view.isSkipping);
  put("follow", 1, view.isFollowing);
  // To a centimetre and a hundredth of a per cent: less than anybody sees.
  put("map", view.map ? view.map.map((each, part) => Number(each.toFixed(part < 2 ? 2 : 4))).join(",") : null);
  put("show", view.window ? view.window.map(isoOf).join(",") : null);
  // Commas and colons are allowed in a query and are easier to read aloud.
  return `?${query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":")}`;
}
