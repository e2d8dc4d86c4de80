// Hands the components to Dash, which looks for them on window under their namespace.

import { ConductMap } from "./conduct/conduct_map.ts";
import { BreachHistory } from "./history/history.ts";
import { startBeat } from "./live/beat.ts";
import { configureMap, LiveMap } from "./map/live_map.ts";
import { DemoPhone } from "./desk/demo_phone.ts";
import { DeskLink, PaneLink } from "./desk/desk_link.ts";
import { DeskPanes } from "./desk/desk_panes.ts";
import { DeskStrip } from "./desk/desk_strip.ts";
import { MapTools } from "./desk/map_tools.ts";
import { GlassNotices } from "./status/glass_notices.ts";
import { beginEarly } from "./replay/load.ts";
import { Replay } from "./replay/replay.ts";
import { AlertQueue } from "./queue/alert_queue.ts";
import { StatusBar } from "./status/status_bar.ts";
import { ZoneCompare } from "./studio/zone_compare.ts";
import { ZoneList } from "./studio/zone_list.ts";
import { ZoneStudio } from "./studio/zone_studio.ts";
import { AlertSteps } from "./work/steps.ts";
import { WallSetUp } from "./wall/set_up.ts";
import { WallCards } from "./wall/wall_cards.ts";
import { WallFoot } from "./wall/wall_foot.ts";

// Only while this script first runs does the browser say where it came from; the workers lie beside it.
const script = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : location.href;
configureMap(new URL("map-worker.js", script).href);
startBeat(new URL("beat-worker.js", script).href);
beginEarly();

(window as unknown as Record<string, unknown>)["vigil_browser"] = {
  AlertQueue,
  DemoPhone,
  DeskLink,
  DeskPanes,
  DeskStrip,
  BreachHistory,
  GlassNotices,
  AlertSteps,
  ConductMap,
  LiveMap,
  Replay,
  MapTools,
  PaneLink,
  StatusBar,
  WallCards,
  WallFoot,
  WallSetUp,
  ZoneCompare,
  ZoneList,
  ZoneStudio,
};
