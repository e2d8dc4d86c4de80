// The tabs right of the map. To add one: write a component of `{ model }: TabProps` in a file of
// your own, and name it here. To add a lane: a provider in layers/replay_lanes.py; nothing here.

import type { ReactNode } from "react";
import type { ReplayModel } from "./model.ts";
import { BookmarksTab } from "./tab_bookmarks.ts";
import { EventsTab } from "./tab_events.ts";
import { FixesTab } from "./tab_fixes.ts";
import { PlacesTab } from "./tab_places.ts";
import { StopsTab } from "./tab_stops.ts";

export interface TabProps {
  model: ReplayModel;
}

export interface Tab {
  key: string;
  title: string;
  panel: (props: TabProps) => ReactNode;
}

export const TABS: readonly Tab[] = [
  { key: "events", title: "Events", panel: EventsTab },
  { key: "stops", title: "Stops", panel: StopsTab },
  { key: "places", title: "Places", panel: PlacesTab },
  { key: "fixes", title: "Fixes", panel: FixesTab },
  { key: "bookmarks", title: "Bookmarks", panel: BookmarksTab },
];
