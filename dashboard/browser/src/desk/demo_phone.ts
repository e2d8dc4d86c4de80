// The demo's telephones on the desk: what would have left the house, as its reader sees it.

import { useFeed } from "../live/hooks.ts";
import { type Times, timesIn } from "../live/times.ts";
import { type DashProps, h, React } from "../react.ts";

export interface DemoPhoneProps extends DashProps<DemoPhoneProps> {
  time_zone?: string;
}

export type Whose = "police" | "victim" | "supervisor" | "on_call";

export interface PhoneMessage {
  notice_id: number;
  alert_id: number;
  to: Whose;
  words: string;
  arrived_at: string;
  read_at: string | null;
}

const PHONES: readonly [Whose, string][] = [
  ["police", "Police"],
  ["victim", "Victim"],
  ["supervisor", "Supervisor"],
  ["on_call", "On call"],
];

/** A burst of alerts asks once. */
const SETTLES_MS = 300;

export function DemoPhone(props: DemoPhoneProps) {
  const feed = useFeed();
  const times = timesIn(props.time_zone);
  const [messages, setMessages] = React.useState<readonly PhoneMessage[]>([]);
  const [isOpen, setOpen] = React.useState(false);
  const [whose, setWhose] = React.useState<Whose>("police");
  const known = React.useRef<ReadonlySet<number> | null>(null);

  React.useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const ask = async () => {
      timer = null;
      const found = await read();
      if (!found) return;
      setMessages(found);
      const news = known.current === null ? [] : found.filter((each) => !known.current!.has(each.notice_id));
      known.current = new Set(found.map((each) => each.notice_id));
      // What arrives while somebody works is shown; what lay there before is not news.
      if (news[0]) {
        setWhose(news[0].to);
        setOpen(true);
      }
    };
    const askSoon = () => {
      timer ??= setTimeout(() => void ask(), SETTLES_MS);
    };
    askSoon();
    const stop = feed.on("alerts", askSoon);
    return () => {
      stop();
      if (timer) clearTimeout(timer);
    };
  }, []);

  const unread = (to: Whose) => messages.filter((each) => each.to === to && each.read_at === null).length;
  const count = messages.filter((each) => each.read_at === null).length;
  if (!isOpen) {
    return h(
      "div",
      { id: props.id, className: "demo-phone" },
      h("button", { type: "button", className: "act", onClick: () => setOpen(true) }, `Demo telephones${count > 0 ? `: ${count} unread` : ""}`),
    );
  }
  const shown = messages.filter((each) => each.to === whose);
  return h(
    "section",
    { id: props.id, className: "demo-phone is-open", "aria-label": "Telephones of the demo" },
    h(
      "header",
      null,
      h("strong", null, "DEMO telephones"),
      h("button", { type: "button", className: "act", onClick: () => setOpen(false) }, "Close"),
    ),
    h(
      "div",
      { className: "demo-phone-whose", role: "group", "aria-label": "Whose telephone" },
      ...PHONES.map(([to, words]) =>
        h(
          "button",
          { key: to, type: "button", "aria-pressed": to === whose, onClick: () => setWhose(to) },
          unread(to) > 0 ? `${words} ${unread(to)}` : words,
        ),
      ),
    ),
    shown.length === 0
      ? h("p", { className: "hint" }, "Nothing has been sent to this telephone.")
      : h(
          "ol",
          { role: "log", "aria-label": "Messages" },
          ...shown.map((each) => h(Message, { key: each.notice_id, message: each, times, show: () => feed.selectAlert(each.alert_id) })),
        ),
    h("p", { className: "hint" }, "In a demo nothing leaves this machine. No message names anybody or any place."),
  );
}

function Message({ message, times, show }: { message: PhoneMessage; times: Times; show: () => void }) {
  const at = (moment: string) => times.local(Date.parse(moment) / 1000);
  return h(
    "li",
    { className: message.read_at ? "" : "is-unread" },
    h("p", null, message.words),
    h(
      "p",
      { className: "hint" },
      `delivered ✓ ${at(message.arrived_at)}`,
      message.read_at && ` · read ✓ ${at(message.read_at)}`,
    ),
    h(
      "p",
      { className: "demo-phone-acts" },
      !message.read_at &&
        h("button", { type: "button", className: "act", "aria-label": `Read the message about reference ${message.alert_id}`, onClick: () => void markRead(message.notice_id) }, "Read it"),
      h("button", { type: "button", className: "act", "aria-label": `Show alert ${message.alert_id}`, onClick: show }, "Show alert"),
    ),
  );
}

async function read(): Promise<PhoneMessage[] | null> {
  try {
    const answer = await fetch("/demo/phones.json");
    return answer.ok ? ((await answer.json()) as { messages: PhoneMessage[] }).messages : null;
  } catch {
    // The banner says that the server is away.
    return null;
  }
}

/** The answer comes over the socket: the alert has changed. */
async function markRead(noticeId: number): Promise<void> {
  await fetch(`/demo/phones/${noticeId}/read`, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" }).catch(() => undefined);
}
