// How a React component follows the live picture.

import { React } from "../react.ts";
import { type LiveFeed, liveFeed, type Topic } from "./feed.ts";

/** The feed; the component is drawn again when one of the topics speaks. */
export function useFeed(...topics: Topic[]): LiveFeed {
  const feed = liveFeed();
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    const stops = topics.map((topic) => feed.on(topic, redraw));
    return () => stops.forEach((stop) => stop());
  }, []);
  return feed;
}
