// The desk's ears: arms the player, plays what is due, says on screen and to the server what it can.

import { onKey } from "../keys/bind.ts";
import { every } from "../live/beat.ts";
import { useFeed } from "../live/hooks.ts";
import type { Times } from "../live/times.ts";
import { h, React } from "../react.ts";
import { burst } from "./patterns.ts";
import { Player } from "./player.ts";
import { type Seat, SoundPlan } from "./schedule.ts";
import { Voice } from "./voice.ts";

const SELF_TEST_MS = 600_000;
const LOOK_EVERY_MS = 250;

type State = "none" | "armed" | "off";

export function Sound({ seat, times, isDemo }: { seat: Seat; times: Times; isDemo: boolean }) {
  const feed = useFeed("link");
  const [state, setState] = React.useState<State>("none");
  const [armedMs, setArmedMs] = React.useState(0);
  const [isPaused, setPaused] = React.useState(false);
  const [hasVoice, setHasVoice] = React.useState(false);
  const kept = React.useRef<{ player: Player; plan: SoundPlan; voice: Voice } | null>(null);
  kept.current ??= { player: new Player(), plan: new SoundPlan(seat), voice: new Voice() };
  const { player, plan, voice } = kept.current;
  // A wall hangs where nobody is to be spoken to.
  const speaks = seat === "desk" || seat === "supervisor";
  const hush = () => {
    player.hush();
    voice.hush();
  };

  const arm = async (isAsked: boolean): Promise<boolean> => {
    const isRunning = await player.arm();
    if (isRunning && isAsked) {
      player.play(2);
      if (speaks) voice.say("Voice test.", lengthMs(2));
    }
    const isUp = isRunning && (await player.test());
    if (isUp) setArmedMs(performance.now());
    setState((before) => (isUp ? "armed" : isAsked || before === "armed" ? "off" : before));
    return isUp;
  };

  React.useEffect(() => {
    // A wall is started so that it may sound unasked, and says so where it may not. A browser with
    // somebody before it allows sound from the first click or key on, and complains before.
    const stopWaiting = seat === "none" || seat === "wall" ? () => {} : atFirstGesture(() => void arm(false));
    if (seat === "wall") void arm(false).then((isUp) => isUp || setState("off"));
    let wasLost = false;
    const look = () => {
      const nowMs = performance.now();
      const isLost = feed.freshness().level === "lost";
      // A picture that has stopped is said once; the banner says it from then on.
      if (isLost && !wasLost && seat !== "none") player.play(2);
      wasLost = isLost;
      setPaused(plan.isPaused(nowMs));
      if (!feed.hasAlerts) return;
      const due = plan.next(feed.alerts.open(), nowMs, lengthMs);
      if (!due) return;
      // Tones first, and at once: whoever speaks gives way to them.
      voice.hush();
      if (!player.play(due.priority, due.gainDb)) return;
      feed.say("sounded", { priority: due.priority, alert_ids: due.alertIds });
      const sounded = due.alertIds.map((id) => feed.alerts.get(id)).filter((row) => row !== undefined);
      if (speaks) voice.tell(sounded, lengthMs(due.priority), isDemo);
    };
    const stopLooking = every(LOOK_EVERY_MS, look);
    // What comes new is not kept for the next look.
    const stopHearing = feed.on("alerts", look);
    const stopTesting = every(SELF_TEST_MS, () => {
      setState((before) => {
        if (before === "armed") void player.test().then((isHeard) => !isHeard && setState("off"));
        return before;
      });
    });
    // The browser may take the sound away at any time, for instance with the headset.
    const stopWatching = every(2_000, () => {
      setHasVoice(voice.isThere);
      setState((before) => (before === "armed" && !player.isRunning ? "off" : before));
    });
    return () => [stopWaiting, stopLooking, stopHearing, stopTesting, stopWatching].forEach((stop) => stop());
  }, []);

  // Taken: what sounded for it stops.
  React.useEffect(
    () =>
      feed.on("alerts", () => {
        if (!feed.alerts.open().some((row) => row.state === "new" && row.cleared_at === null)) hush();
      }),
    [],
  );
  // Told anew after each reconnection: the server forgets with the socket.
  React.useEffect(() => feed.say("sound", { state }), [state, feed.isLinked]);
  React.useEffect(
    () =>
      onKey((action) => {
        if (action !== "pause-sound") return false;
        plan.pause(performance.now());
        hush();
        setPaused(true);
        return true;
      }),
    [],
  );

  if (seat === "none" || seat === "wall") return state === "off" ? h("span", { className: "vigil-sound is-off" }, "SOUND OFF") : null;
  const nowS = feed.nowS();
  const armedS = nowS === null ? null : nowS - ((performance.now() - armedMs) / 1000) * feed.clock.speed;
  const words =
    state === "armed"
      ? isPaused
        ? "♪ paused"
        : `♪ armed ${armedS === null ? "" : times.localMinute(armedS)} tested${hasVoice ? "" : ", no voice"}`
      : state === "off"
        ? "♪ SOUND OFF"
        : "♪ Arm sound";
  return h(
    "button",
    {
      type: "button",
      className: `vigil-sound ${state === "armed" ? "" : "is-off"}`,
      title:
        state === "armed"
          ? `Play a test again (M pauses for 60 s).${hasVoice ? "" : " This machine has no voice of its own: tones only."}`
          : "Click once, so that this desk can be heard",
      onClick: () => void arm(true),
    },
    words,
  );
}

/** Calls once, at the first click or key on this page; not any more after the returned function. */
function atFirstGesture(act: () => void): () => void {
  const ends = new AbortController();
  const once = () => {
    ends.abort();
    act();
  };
  for (const gesture of ["pointerup", "keydown"]) document.addEventListener(gesture, once, { signal: ends.signal });
  return () => ends.abort();
}

function lengthMs(priority: number): number {
  const last = burst(priority).at(-1)!;
  return (last.atS + last.lengthS) * 1000;
}
