// The last hour of the selected track, read for as long as somebody draws it.

import { useFeed } from "../live/hooks.ts";
import { React } from "../react.ts";

export type Span = [fromS: number, toS: number, what: string];

export interface Hour {
  from_s: number;
  to_s: number;
  limit_s: number;
  zone: Span[];
  signal: Span[];
  speed: [number, number | null][];
  /** What minutes are counted with: as now, never slower than a walker. */
  pace_mps: number;
}

export interface HourState {
  hour: Hour | null;
  /** Why there is none; empty while it is on its way. */
  words: string;
}

const EVERY_MS = 10_000;
const NOTHING: HourState = { hour: null, words: "" };

/** Follows the page's selection; read anew every ten seconds while somebody looks. */
export function useHour(isWanted = true): HourState & { activationId: number | null } {
  const feed = useFeed("selection");
  const { activationId, zoneId } = feed.selection;
  const [state, setState] = React.useState<HourState>(NOTHING);
  React.useEffect(() => {
    setState(NOTHING);
    if (activationId === null || !isWanted) return;
    let isLatest = true;
    const read = async () => {
      if (document.hidden) return;
      const found = await readHour(activationId, zoneId);
      if (isLatest) setState((before) => (found.hour || !before.hour ? found : before));
    };
    void read();
    const timer = setInterval(() => void read(), EVERY_MS);
    return () => {
      isLatest = false;
      clearInterval(timer);
    };
  }, [activationId, zoneId, isWanted]);
  return { ...state, activationId };
}

async function readHour(activationId: number, zoneId: number | null): Promise<HourState> {
  const query = zoneId === null ? "" : `?zone=${zoneId}`;
  try {
    const answer = await fetch(`/layers/strip/${activationId}.json${query}`, { signal: AbortSignal.timeout(10_000) });
    const found = (await answer.json()) as Hour & { message?: string };
    return answer.ok ? { hour: found, words: "" } : { hour: null, words: found.message ?? "The last hour cannot be read." };
  } catch {
    return { hour: null, words: "The last hour cannot be read: the server does not answer." };
  }
}
