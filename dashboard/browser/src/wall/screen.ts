// How large a wall's signs must be: from the size of its screen and the distance of its readers.
// Pure. Angles are those of a capital letter: 16' is the least for what must be read, 22' for counters.

export interface Screen {
  /** Diagonal of the picture. */
  inches: number;
  /** From the screen to the one who sits furthest. */
  metres: number;
  /** When the room is light, "HH:MM" in the room's zone; the same twice means always night. */
  lightFrom: string;
  lightTo: string;
}

/** Before anybody has said otherwise. */
export const DEFAULT_SCREEN: Screen = { inches: 65, metres: 3.3, lightFrom: "00:00", lightTo: "00:00" };

export const LEAST = { inches: 10, metres: 0.5 } as const;
export const MOST = { inches: 300, metres: 30 } as const;

export const READ_ARCMIN = 16;
export const COUNT_ARCMIN = 22;

/** Height of Inter's capitals, in font sizes. */
const CAP_HEIGHT = 0.727;
/** The smallest sign of a wall at factor 1. */
const LEAST_PX = 28;
/** A map is drawn no closer than this by itself: closer would show which door is a victim's. */
const CLOSEST_SCALE = 5_000;

/** Millimetres from one CSS pixel to the next. */
export function pitchMm(inches: number, widthPx: number, heightPx: number): number {
  return (inches * 25.4) / Math.hypot(widthPx, heightPx);
}

/** The font size, in CSS pixels, whose capitals reach this angle at this distance. */
export function fontPx(arcmin: number, metres: number, pitch: number): number {
  const angle = (arcmin / 60) * (Math.PI / 180);
  return (2 * metres * 1000 * Math.tan(angle / 2)) / (CAP_HEIGHT * pitch);
}

/** How much larger a wall is drawn than at factor 1, where the smallest sign has 28 px. */
export function wallFactor(metres: number, pitch: number): number {
  return fontPx(READ_ARCMIN, metres, pitch) / LEAST_PX;
}

/** The zoom at which a map of this latitude has the scale 1:5,000 on this screen. */
export function closestZoom(lat: number, pitch: number): number {
  const metresPerPx = (CLOSEST_SCALE * pitch) / 1000;
  // 512 px show the whole of the equator at zoom 0.
  return Math.log2((40_075_016.7 * Math.cos((lat * Math.PI) / 180)) / (512 * metresPerPx));
}

/** As the cookie holds it: "65_5_07:00_19:00". */
export function written(screen: Screen): string {
  return [screen.inches, screen.metres, screen.lightFrom, screen.lightTo].join("_");
}

/** What a cookie says; null for anything that no set-up wrote. */
export function readScreen(text: string): Screen | null {
  const [inches, metres, lightFrom, lightTo, ...rest] = text.split("_");
  if (rest.length > 0 || !isTime(lightFrom) || !isTime(lightTo)) return null;
  const screen = { inches: Number(inches), metres: Number(metres), lightFrom, lightTo };
  return isPossible(screen) ? screen : null;
}

export function isPossible(screen: Screen): boolean {
  const within = (name: "inches" | "metres") => screen[name] >= LEAST[name] && screen[name] <= MOST[name];
  return within("inches") && within("metres");
}

function isTime(text: string | undefined): text is string {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(text ?? "");
}

/** Whether the room is light at this "HH:MM"; from its first minute, until before its last. */
export function isLight(screen: Screen, at: string): boolean {
  const { lightFrom, lightTo } = screen;
  if (lightFrom === lightTo) return false;
  // A shift that is light past midnight: 22:00 to 06:00.
  if (lightFrom > lightTo) return at >= lightFrom || at < lightTo;
  return at >= lightFrom && at < lightTo;
}

/** Where the picture stands, in pixels: a step each ten minutes, so that nothing burns in. */
export function shiftOf(nowS: number): [right: number, down: number] {
  const step = Math.floor(nowS / 600) % 4;
  return [step === 1 || step === 2 ? 1 : 0, step >= 2 ? 1 : 0];
}
