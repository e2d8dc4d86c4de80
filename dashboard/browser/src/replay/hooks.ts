// How a React component follows the replay.

import { readScreenFactor } from "../map/tokens.ts";
import { React } from "../react.ts";
import type { ReplayModel, Topic } from "./model.ts";

/** Drawn again at these topics; "time" at most ten times a second, which is as fast as one reads. */
export function useModel(model: ReplayModel, ...topics: Topic[]): void {
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | null = null;
    const slowly = () => {
      waiting ??= setTimeout(() => {
        waiting = null;
        redraw();
      }, 100);
    };
    const stops = topics.map((topic) => model.on(topic, topic === "time" ? slowly : redraw));
    redraw();
    return () => {
      stops.forEach((stop) => stop());
      if (waiting) clearTimeout(waiting);
    };
  }, [model]);
}

/** By how much what is drawn by hand is larger on a fine screen: the style sheet says. */
export function useScale(): number {
  const [scale, setScale] = React.useState(readScreenFactor);
  React.useEffect(() => {
    const resized = () => setScale(readScreenFactor());
    window.addEventListener("resize", resized);
    return () => window.removeEventListener("resize", resized);
  }, []);
  return scale;
}
