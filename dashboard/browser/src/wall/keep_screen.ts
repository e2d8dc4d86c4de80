// Keeps a wall as it was set up: size of signs, night or day by the light of the room, and the
// step aside every ten minutes. Nothing here asks the operating system or the browser's clock.

import type { LiveFeed } from "../live/feed.ts";
import { timesIn } from "../live/times.ts";
import { React } from "../react.ts";
import { DEFAULT_SCREEN, isLight, pitchMm, readScreen, type Screen, shiftOf, wallFactor, written } from "./screen.ts";

const COOKIE = "vigil-wall-screen";
const THEME_COOKIE = "vigil-theme";
/** The longest a browser keeps one; renewed at each start. */
const KEPT_S = 400 * 86_400;

export function savedScreen(): Screen | null {
  const found = document.cookie.split("; ").find((each) => each.startsWith(`${COOKIE}=`));
  return found ? readScreen(decodeURIComponent(found.slice(COOKIE.length + 1))) : null;
}

export function saveScreen(screen: Screen): void {
  save(COOKIE, encodeURIComponent(written(screen)));
}

/** Millimetres from pixel to pixel of the whole screen, whatever window stands on it. */
export function pitchOf(inches: number): number {
  return pitchMm(inches, window.screen.width, window.screen.height);
}

/** Sizes and colours of this wall, for as long as the component that calls it stands. */
export function useScreen(feed: LiveFeed, timeZone: string | undefined): void {
  React.useLayoutEffect(() => {
    const saved = savedScreen();
    const screen = saved ?? DEFAULT_SCREEN;
    const root = document.documentElement;
    if (saved) saveScreen(saved);
    const resize = () => {
      const pitch = pitchOf(screen.inches);
      root.style.setProperty("--wall-factor", wallFactor(screen.metres, pitch).toFixed(3));
      root.style.setProperty("--wall-pitch", pitch.toFixed(4));
    };
    const follow = () => {
      const nowS = feed.nowS();
      if (nowS === null) return;
      if (saved) light(isLight(screen, timesIn(timeZone).localMinute(nowS)) ? "day" : "night");
      const [right, down] = shiftOf(nowS);
      root.style.setProperty("--wall-shift", `${right}px ${down}px`);
    };
    resize();
    window.addEventListener("resize", resize);
    const stop = feed.on("tick", follow);
    return () => {
      window.removeEventListener("resize", resize);
      stop();
    };
  }, []);
}

function light(theme: "night" | "day"): void {
  const root = document.documentElement;
  if (root.dataset["theme"] === theme) return;
  root.dataset["theme"] = theme;
  // So that the first paint after a restart is right already.
  save(THEME_COOKIE, theme);
}

function save(name: string, value: string): void {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${value}; path=/; max-age=${KEPT_S}; samesite=strict${secure}`;
}
