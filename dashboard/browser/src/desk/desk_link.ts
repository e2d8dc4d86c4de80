// What makes several windows one desk: the shared selection, and the keys that open another window.

import { useFeed } from "../live/hooks.ts";
import { joinWindows, type WindowKind } from "../live/windows.ts";
import { onKey } from "../keys/bind.ts";
import { useSelection } from "../queue/selection.ts";
import { type DashProps, React } from "../react.ts";
import { replayAddress } from "./address.ts";

export interface DeskLinkProps extends DashProps<DeskLinkProps> {
  kind: WindowKind;
  /** In a pane's own window there is no queue: this tells Python what is selected. */
  selected?: number | null;
  touched?: string | null;
  /** Address of the replay; absent where this seat has none. */
  replay?: string | null;
}

/** The desk itself: its queue keeps the selection. */
export function DeskLink(props: DeskLinkProps) {
  const feed = useFeed();
  React.useEffect(() => joinWindows(feed, props.kind), []);
  React.useEffect(
    () =>
      onKey((action) => {
        if (action === "pop-out-map") open("/desk/map", "vigil-desk-map", "popup,width=1280,height=960");
        else if (action === "pop-out-case") open("/desk/case", "vigil-desk-case", "popup,width=640,height=960");
        else if (action === "replay" && props.replay && feed.selection.activationId !== null) {
          const row = feed.selection.alertId === null ? undefined : feed.alerts.get(feed.selection.alertId);
          const beganS = row ? Date.parse(row.began_at ?? row.raised_at) / 1000 : (feed.nowS() ?? 0);
          location.assign(replayAddress(props.replay, feed.selection.activationId, beganS));
        } else return false;
        return true;
      }),
    [],
  );
  return null;
}

/** A pane in a window of its own. */
export function PaneLink(props: DeskLinkProps) {
  const feed = useFeed("alerts", "selection");
  useSelection(feed, props);
  return DeskLink(props);
}
