// Lines over the page when somebody opened a case that is not theirs, until a supervisor has signed.

import { useFeed } from "../live/hooks.ts";
import { timesIn } from "../live/times.ts";
import type { Glass } from "../live/socket.ts";
import { type DashProps, h, React } from "../react.ts";

export interface GlassNoticesProps extends DashProps<GlassNoticesProps> {
  time_zone?: string;
  /** Where it is signed for; none where this seat does not sign. */
  review?: string;
}

/** More than that is a list, and the list is on the review screen. */
const MOST = 2;

export function GlassNotices(props: GlassNoticesProps) {
  const feed = useFeed("glass");
  const [read, markRead] = React.useState<readonly number[]>([]);
  const waiting = feed.glasses.filter((glass) => !read.includes(glass.glass_id));
  if (waiting.length === 0) return null;
  const times = timesIn(props.time_zone);
  return h(
    "div",
    { id: props.id, className: "vigil-glass", role: "alert" },
    ...waiting.slice(0, MOST).map((glass) => h("p", { key: glass.glass_id }, h("strong", null, "Glass broken "), words(glass, times))),
    waiting.length > MOST && h("p", null, `and ${waiting.length - MOST} more`),
    h(
      "span",
      { className: "vigil-glass-acts" },
      props.review && h("a", { href: props.review }, "Review"),
      h(
        "button",
        { type: "button", onClick: () => markRead(feed.glasses.map((glass) => glass.glass_id)) },
        "I have read it",
      ),
    ),
  );
}

function words(glass: Glass, times: ReturnType<typeof timesIn>): string {
  const at = times.localMinute(Date.parse(glass.broken_at) / 1000);
  const until = times.localMinute(Date.parse(glass.until) / 1000);
  return `${glass.login} opened the victim of case ${glass.case_code} at ${at}, until ${until}: ${glass.why}`;
}
