// What is done about the selected alert: whose it is, the steps of its protocol, shelf and call.

import { ageWords, type AlertRow, isTaken } from "../live/alerts.ts";
import { useFeed } from "../live/hooks.ts";
import { type Times, timesIn } from "../live/times.ts";
import { onKey } from "../keys/bind.ts";
import type { KeyAction } from "../keys/keymap.ts";
import { type DashProps, h, React } from "../react.ts";
import { act, type ActName, readWork, type StepDone, ticks, type Work } from "./acts.ts";
import { type Ask, Strip } from "./strip.ts";

export interface AlertStepsProps extends DashProps<AlertStepsProps> {
  time_zone?: string;
  me?: string;
  may?: string[];
}

const SHELF_MINUTES = [5, 15, 30, 60];

/** Letters that open the strip of a step by whom it tells. */
const STEP_KEYS: Readonly<Record<string, string>> = { police: "D", victim: "V" };

export function AlertSteps(props: AlertStepsProps) {
  const feed = useFeed("alerts", "selection", "tick", "room");
  const [work, setWork] = React.useState<Work | null>(null);
  const [ask, setAsk] = React.useState<Ask | null>(null);
  const [words, setWords] = React.useState("");
  const alertId = feed.selection.alertId;
  const row = alertId === null ? undefined : (feed.alerts.get(alertId) ?? work?.alert);
  const version = row?.version;

  React.useEffect(() => {
    setAsk(null);
    setWords("");
    setWork(null);
  }, [alertId]);
  // Every version may hold a step that another desk has done.
  React.useEffect(() => {
    if (alertId === null) return;
    let isLatest = true;
    void readWork(alertId).then((found) => isLatest && found && setWork(found));
    return () => {
      isLatest = false;
    };
  }, [alertId, version]);

  const may = new Set(props.may ?? []);
  const isReady = row !== undefined && work !== null && work.alert.alert_id === alertId;
  const offers = isReady ? offersOf(row, work, may, props.me ?? "") : [];
  const run = async (name: ActName, given: Record<string, unknown> = {}) => {
    const current = alertId === null ? undefined : (feed.alerts.get(alertId) ?? row);
    if (!current) return;
    const answer = await act(current, name, given);
    setWords(answer.words ?? "");
    if (answer.row) feed.hearAnswer(answer.row);
    focusDrawer();
  };
  const press = (offer: Offer) => {
    setWords("");
    if (offer.ask) setAsk({ ...offer.ask, answer: (given) => run(offer.name, offer.given(given)) });
    else void run(offer.name, offer.given({ text: "", minutes: 0 }));
  };
  const now = React.useRef({ offers, press, isOpen: ask !== null, alertId, say: setWords });
  now.current = { offers, press, isOpen: ask !== null, alertId, say: setWords };
  React.useEffect(() => onKey((action, event) => byKey(action, event, now.current)), []);

  if (!row || !isReady) return h("div", { id: props.id, className: "vigil-steps is-empty" });
  const times = timesIn(props.time_zone);
  const nowS = feed.nowS() ?? 0;
  const lookers = [
    ...new Set(
      feed.room.desks
        .filter((desk) => desk.login !== props.me && desk.alert_id === row.alert_id)
        .map((desk) => `${desk.login}${desk.since ? ` (${ageWords((nowS - Date.parse(desk.since) / 1000) / feed.clock.speed)})` : ""}`),
    ),
  ];
  const button = (offer: Offer, isMain = false) =>
    h(
      "button",
      {
        key: offer.id,
        type: "button",
        className: `act ${isMain ? "act-main" : ""}`,
        "aria-keyshortcuts": offer.key,
        onClick: () => press(offer),
      },
      offer.label,
      offer.key && h("kbd", null, offer.key),
    );
  const taking = offers.find((offer) => offer.isMain);
  return h(
    "section",
    { id: props.id, className: "vigil-steps", "aria-label": "Steps" },
    h("p", { className: "vigil-steps-standing", role: "status" }, standing(row, props.me ?? "", nowS, feed.clock.speed)),
    lookers.length > 0 && h("p", { className: "vigil-lookers hint" }, `Also looking: ${lookers.join(", ")}`),
    words && h("p", { className: "message", role: "alert" }, words),
    ask && h(Strip, { ask, close: () => (setAsk(null), focusDrawer()) }),
    (taking || offers.some((offer) => !offer.step)) &&
      h(
        "div",
        { className: "vigil-steps-acts" },
        taking && button(taking, true),
        ...offers.filter((offer) => !offer.step && offer !== taking).map((offer) => button(offer)),
      ),
    h(
      "ol",
      null,
      ...work.steps.map((step) =>
        h(
          "li",
          { key: step.key, className: step.at ? "is-done" : "" },
          h("span", { className: "vigil-step-box", "aria-hidden": true }, step.is_skipped ? "–" : step.at ? "✓" : ""),
          h(
            "span",
            { className: "vigil-step-words" },
            step.words,
            step.at && h("span", { className: "hint" }, ` ${doneWords(step, times)}`),
            step.notice && h(Ticks, { step, nowS, speed: feed.clock.speed, times }),
          ),
          h(
            "span",
            { className: "vigil-step-acts" },
            ...offers.filter((offer) => offer.step === step.key).map((offer) => button(offer)),
          ),
        ),
      ),
    ),
  );
}

function Ticks(given: { step: StepDone; nowS: number; speed: number; times: Times }) {
  const { step, nowS, speed, times } = given;
  return h(
    "span",
    { className: "vigil-ticks" },
    ...ticks(step.notice!, nowS, speed, step.note !== "").map((tick) =>
      h(
        "span",
        { key: tick.words, className: tick.isBad ? "vigil-tick is-bad" : "vigil-tick" },
        tick.words,
        tick.at && ` ${times.local(Date.parse(tick.at) / 1000)}`,
      ),
    ),
  );
}

function doneWords(step: StepDone, times: Times): string {
  const who = `${step.by ?? ""} ${times.local(Date.parse(step.at!) / 1000)}`.trim();
  const note = step.note ? `: ${step.note}` : "";
  return `${step.is_skipped ? "left out by " : ""}${who}${note}`;
}

/** Whose it is and how long that holds, in one sentence. */
export function standing(row: AlertRow, me: string, nowS: number, speed: number): string {
  const real = Math.max(1, speed);
  const since = (iso: string | null) => ageWords((nowS - Date.parse(iso ?? "") / 1000) / real);
  if (row.state === "closed") return "Closed.";
  if (row.state === "shelved") {
    const leftS = (Date.parse(row.shelved_until ?? "") / 1000 - nowS) / real;
    return `Shelved by ${row.owner ?? "–"}. Back in ${ageWords(leftS)}.`;
  }
  if (!isTaken(row)) {
    return row.rung > 0
      ? `Not taken for ${since(row.waiting_since)}. The supervisor has been called.`
      : `Not taken for ${since(row.waiting_since)}.`;
  }
  const who = row.owner === me ? "You have this" : `${row.owner} is on this`;
  if (row.state === "acknowledged" && row.hold_until) {
    const leftS = (Date.parse(row.hold_until) / 1000 - nowS) / real;
    return `${who} (${since(row.acknowledged_at)}). Without a step it goes back in ${ageWords(leftS)}.`;
  }
  return `${who} (${since(row.acknowledged_at)}).${row.rung > 0 ? " The supervisor has been called." : ""}`;
}

interface Offer {
  id: string;
  name: ActName;
  label: string;
  key?: string;
  action?: KeyAction;
  step?: string;
  isMain?: boolean;
  ask?: Omit<Ask, "answer">;
  given(typed: { text: string; minutes: number }): Record<string, unknown>;
}

const nothing = () => ({});

function offersOf(row: AlertRow, work: Work, may: Set<string>, me: string): Offer[] {
  if (row.state === "closed") return [];
  const found: Offer[] = [];
  const isMine = isTaken(row) && row.owner === me;
  if (row.state === "new" && may.has("acknowledge_alert")) {
    found.push({
      id: "acknowledge",
      name: "acknowledge",
      label: "Acknowledge",
      key: "A",
      action: "acknowledge",
      isMain: true,
      given: nothing,
    });
  }
  if (row.state === "shelved" && may.has("acknowledge_alert")) {
    found.push({ id: "bring-back", name: "bring-back", label: "Bring back", isMain: true, given: nothing });
  }
  if (isTaken(row) && !isMine && may.has("take_over_alert")) {
    found.push({
      id: "take-over",
      name: "take-over",
      label: "Take over …",
      action: "acknowledge",
      key: "A",
      given: nothing,
      ask: { words: `${row.owner} is on this. Take it over? The history will say so.`, go: "Take over" },
    });
  }
  if (row.state !== "shelved" && row.rung === 0 && may.has("escalate_alert")) {
    found.push({ id: "escalate", name: "escalate", label: "Supervisor", key: "E", action: "escalate", given: nothing });
  }
  if (row.is_shelvable && (row.state === "new" || isMine) && may.has("shelve_alert")) {
    const minutes = SHELF_MINUTES.filter((choice) => choice <= work.shelve_at_most_min);
    found.push({
      id: "shelve",
      name: "shelve",
      label: "Shelve …",
      key: "H",
      action: "shelve",
      given: ({ text, minutes }) => ({ reason: text, minutes }),
      ask: { words: "Put it aside. It is counted meanwhile and comes back by itself.", go: "Shelve", label: "Reason", minutes },
    });
  }
  if (isMine && may.has("release_alert")) {
    found.push({ id: "release", name: "release", label: "Give back", given: nothing });
  }
  if (isMine && may.has("do_step")) found.push(...work.steps.flatMap((step) => stepOffers(step, row)));
  return found;
}

function stepOffers(step: StepDone, row: AlertRow): Offer[] {
  const key = STEP_KEYS[step.notifies ?? ""];
  // A notice that has gone out needs no second. One that has not is rung, and that is written down.
  if (step.notice?.sent_at && !step.notice.failed_at) return [];
  if (step.notice && !step.note) {
    return [
      {
        id: `rang-${step.key}`,
        name: "step",
        label: "Rang …",
        step: step.key,
        given: ({ text }) => ({ step: step.key, note: text }),
        ask: { words: `${step.words}: rung by hand. What came of it?`, go: "Done", label: "Result" },
      },
    ];
  }
  if (step.notice && !step.notice.failed_at) return [];
  const found: Offer[] = [
    {
      id: `do-${step.key}`,
      name: "step",
      label: step.notifies ? "Tell …" : "Done …",
      ...(key ? { key } : {}),
      ...(step.notifies === "police" ? { action: "dispatch" as const } : {}),
      ...(step.notifies === "victim" ? { action: "notify-victim" as const } : {}),
      step: step.key,
      given: ({ text }) => ({ step: step.key, note: text }),
      ask: step.notifies
        ? { words: `Send to: ${step.words}. “Call the centre, reference ${row.alert_id}.” No name, no place.`, go: "Send" }
        : { words: `${step.words}: what came of it?`, go: "Done", label: "Result", isOptional: true },
    },
  ];
  if (!step.at) {
    found.push({
      id: `skip-${step.key}`,
      name: "skip",
      label: "Skip …",
      step: step.key,
      given: ({ text }) => ({ step: step.key, reason: text }),
      ask: { words: `Leave out: ${step.words}. Why?`, go: "Leave out", label: "Reason" },
    });
  }
  return found;
}

interface Now {
  offers: Offer[];
  press(offer: Offer): void;
  isOpen: boolean;
  alertId: number | null;
  say(words: string): void;
}

function byKey(action: KeyAction, _event: KeyboardEvent, now: Now): boolean {
  if (now.isOpen) return false;
  const offer = now.offers.find((each) => each.action === action);
  if (!offer) {
    if (action === "shelve" && now.alertId !== null) now.say("An alert like this cannot be shelved.");
    return false;
  }
  now.press(offer);
  return true;
}

/** The focus must not fall off the page with the button that was pressed. */
function focusDrawer(): void {
  requestAnimationFrame(() => {
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    document.getElementById("drawer-region")?.focus({ preventScroll: true });
  });
}
