// One selection for the page, told to Python: which alert is chosen, and that it has changed.

import type { LiveFeed } from "../live/feed.ts";
import { React } from "../react.ts";

export interface SelectionProps {
  selected?: number | null;
  touched?: string | null;
  setProps: (changed: { selected?: number | null; touched?: string }) => void;
}

export function useSelection(feed: LiveFeed, props: SelectionProps): void {
  const newest = React.useRef(props);
  newest.current = props;
  // A tag clicked on the map, or another window of this desk, selects its alert: Python hears of it.
  React.useEffect(
    () =>
      feed.on("selection", () => {
        const { alertId } = feed.selection;
        if (alertId !== (newest.current.selected ?? null)) newest.current.setProps({ selected: alertId });
      }),
    [],
  );
  // What others do about the selected alert must show in its drawer: Python hears of each new version.
  React.useEffect(
    () =>
      feed.on("alerts", () => {
        const { alertId } = feed.selection;
        if (alertId === null) return;
        const touched = `${alertId}:${feed.alerts.get(alertId)?.version ?? "closed"}`;
        if (touched !== newest.current.touched) newest.current.setProps({ touched });
      }),
    [],
  );
  React.useEffect(() => {
    if (props.selected !== undefined && props.selected !== feed.selection.alertId) {
      feed.selectAlert(props.selected ?? null);
    }
  }, [props.selected]);
}
