// Hands the components to Dash, which looks for them on window under their namespace.

import { configureMap, LiveMap } from "./map/live_map.ts";
import { AlertQueue } from "./queue/alert_queue.ts";
import { StatusBar } from "./status/status_bar.ts";
import { WallCards } from "./wall/wall_cards.ts";

// Only while this script first runs does the browser say where it came from; the map's worker lies beside it.
const script = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : location.href;
configureMap(new URL("map-worker.js", script).href);

(window as unknown as Record<string, unknown>)["vigil_browser"] = {
  AlertQueue,
  LiveMap,
  StatusBar,
  WallCards,
};
