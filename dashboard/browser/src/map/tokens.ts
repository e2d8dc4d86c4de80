// The colours of the theme in force, read from the style sheet: it is the one place that has them.

export interface Tokens {
  text: string;
  text2: string;
  text3: string;
  line: string;
  p1: string;
  p2: string;
  p3: string;
  victim: string;
  zoneLine: string;
  stale: string;
  mapField: string;
  badgeOutline: string;
}

export type Theme = "night" | "day";

export function readTokens(): Tokens {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string, fallback: string) => style.getPropertyValue(name).trim() || fallback;
  return {
    text: token("--text", "#e6eaed"),
    text2: token("--text2", "#b4bdc6"),
    text3: token("--text3", "#9da7b1"),
    line: token("--line", "#3a434d"),
    p1: token("--p1", "#ff5a52"),
    p2: token("--p2", "#ffd54f"),
    p3: token("--p3", "#c9dde8"),
    victim: token("--victim", "#9d84f5"),
    zoneLine: token("--zone-line", "#c3cbd3"),
    stale: token("--stale", "#9da7b1"),
    mapField: token("--map-field", "#1e2328"),
    badgeOutline: token("--badge-outline", "transparent"),
  };
}

export function readTheme(fallback: string | undefined): Theme {
  return (document.documentElement.dataset["theme"] ?? fallback) === "day" ? "day" : "night";
}

export function readWallFactor(): number {
  return factorIn("--wall-factor");
}

/** How much larger words and lines are on a fine screen than on a desk's usual one. */
export function readScreenFactor(): number {
  return factorIn("--screen");
}

function factorIn(property: string): number {
  const value = Number(getComputedStyle(document.documentElement).getPropertyValue(property));
  return value > 0 ? value : 1;
}

/** Millimetres from one pixel of a wall to the next; a wide screen's before anybody has said. */
export function readWallPitch(): number {
  const value = Number(getComputedStyle(document.documentElement).getPropertyValue("--wall-pitch"));
  return value > 0 ? value : 0.5;
}

/** "#rrggbb" as three numbers 0..1; anything else is black. */
export function rgb(colour: string): [number, number, number] {
  const match = /^#([0-9a-f]{6})$/i.exec(colour);
  if (!match) return [0, 0, 0];
  const value = parseInt(match[1]!, 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

export function isMotionReduced(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Calls when theme or size of the page's signs change, until the returned function is called. */
export function paintedAs(changed: () => void): () => void {
  const look = () => {
    const style = getComputedStyle(document.documentElement);
    const sizes = ["--wall-factor", "--screen"].map((name) => style.getPropertyValue(name));
    return [document.documentElement.dataset["theme"], ...sizes].join();
  };
  let before = look();
  // The root's style also says how high a banner is, which is no reason to make a map anew.
  const lookAgain = () => {
    const now = look();
    if (now === before) return;
    before = now;
    changed();
  };
  const watch = new MutationObserver(lookAgain);
  watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "style"] });
  // A window may be taken to a finer screen.
  window.addEventListener("resize", lookAgain);
  return () => {
    watch.disconnect();
    window.removeEventListener("resize", lookAgain);
  };
}
