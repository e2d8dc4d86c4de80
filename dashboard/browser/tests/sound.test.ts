import assert from "node:assert/strict";
import { test } from "node:test";
import type { AlertRow } from "../src/live/alerts.ts";
import { Absence, newsWords } from "../src/live/catch_up.ts";
import { burst } from "../src/sound/patterns.ts";
import { type Seat, SoundPlan } from "../src/sound/schedule.ts";
import { type Synth, type Utterance, Voice } from "../src/sound/voice.ts";
import { spokenWords } from "../src/sound/words.ts";
import { roomLines } from "../src/status/room_news.ts";
import { aBeatingClock, anAlert } from "./makers.ts";

const lengthMs = () => 1_000;

/** When a seat sounds and for which priority, looking four times a second over these open rows. */
function heard(seat: Seat, seconds: number, rowsAt: (s: number) => AlertRow[], act?: (plan: SoundPlan, s: number) => void) {
  const plan = new SoundPlan(seat);
  const bursts: { s: number; priority: number; ids: number[]; gainDb: number }[] = [];
  for (let tick = 0; tick <= seconds * 4; tick += 1) {
    const s = tick / 4;
    act?.(plan, s);
    const found = plan.next(rowsAt(s), s * 1000, lengthMs);
    if (found) bursts.push({ s, priority: found.priority, ids: found.alertIds, gainDb: found.gainDb });
  }
  return bursts;
}

const p1 = anAlert();
const p2 = anAlert({ alert_id: 2, priority: 2, kind: "silent" });

const FLOOD = { alerts: 10, within_s: 600 };

test("a first alert sounds at once, every ten seconds, and louder after thirty", () => {
  const found = heard("desk", 41, () => [p1]);
  assert.deepEqual(found.map((one) => one.s), [0, 10, 20, 30, 40]);
  assert.deepEqual(found.map((one) => one.gainDb), [0, 0, 0, 3, 3]);
});

test("a second sounds every thirty seconds and four times at most; a third once", () => {
  const late = (row: AlertRow) => (s: number) => (s < 1 ? [] : [row]);
  assert.deepEqual(heard("desk", 300, late(p2)).map((one) => one.s), [1, 31, 61, 91]);
  assert.deepEqual(heard("desk", 300, late(anAlert({ alert_id: 3, priority: 3 }))).map((one) => one.s), [1]);
});

test("it stops when somebody takes it, when it clears, and was never for late data", () => {
  const taken = { ...p1, state: "acknowledged" as const, owner: "op7" };
  assert.equal(heard("desk", 60, (s) => (s < 5 ? [p1] : [taken])).length, 1);
  assert.equal(heard("desk", 60, (s) => (s < 5 ? [p1] : [{ ...p1, cleared_at: "2026-11-20T02:14:00Z" }])).length, 1);
  assert.equal(heard("desk", 60, () => [{ ...p1, found_on_backfill: true }]).length, 0);
});

test("back in the room it is news again, and a rise always sounds", () => {
  const taken = { ...p1, state: "acknowledged" as const, owner: "op7" };
  const back = { ...p1, waiting_since: "2026-11-20T02:20:00Z" };
  assert.deepEqual(heard("desk", 12, (s) => (s < 3 ? [p1] : s < 6 ? [taken] : [back])).map((one) => one.s), [0, 6]);
  const flapping = { ...p2, is_flapping: true, kind: "breach" };
  const risen = { ...flapping, priority: 1 as const };
  assert.deepEqual(heard("desk", 9, (s) => (s < 1 ? [] : s < 5 ? [flapping] : [risen])).map((one) => [one.s, one.priority]), [[1, 2], [5, 1]]);
});

test("what flaps sounds once in five minutes, unless it nears the victim", () => {
  const flapping = { ...p2, kind: "breach", is_flapping: true };
  const from1 = (row: AlertRow) => (s: number) => (s < 1 ? [] : [row]);
  assert.deepEqual(heard("desk", 305, from1(flapping)).map((one) => one.s), [1, 301]);
  assert.deepEqual(heard("desk", 62, from1({ ...flapping, minutes_to_contact: 3 })).map((one) => one.s), [1, 31, 61]);
});

test("what stood there before the page was opened is quiet, but a first alert never is", () => {
  assert.deepEqual(heard("desk", 5, () => [p2]), []);
  assert.equal(heard("desk", 5, () => [p1]).length, 1);
});

test("one voice at a time: the more urgent cuts in, equals share one burst", () => {
  const found = heard("desk", 3, (s) => (s < 1 ? [] : s < 1.5 ? [p2] : [p1, p2]));
  assert.deepEqual(found.map((one) => [one.s, one.priority]), [[1, 2], [1.5, 1]]);
  const both = heard("desk", 1, () => [p1, { ...p1, alert_id: 5 }]);
  assert.deepEqual(both.map((one) => one.ids), [[1, 5]]);
});

test("M is silence for a minute for what sounds now; a new first alert breaks it", () => {
  const found = heard(
    "desk",
    75,
    (s) => (s < 30 ? [p1] : [p1, { ...p1, alert_id: 9 }]),
    (plan, s) => s === 5 && plan.pause(5_000),
  );
  assert.deepEqual(found.slice(0, 2).map((one) => [one.s, one.ids]), [[0, [1]], [30, [9]]]);
  assert.ok(found.some((one) => one.s >= 65 && one.ids.includes(1)));
});

test("a supervisor hears what is called up, a wall a first alert nobody took for thirty seconds", () => {
  assert.equal(heard("supervisor", 60, () => [p1]).length, 0);
  assert.equal(heard("supervisor", 1, () => [{ ...p1, rung: 1 }]).length, 1);
  assert.deepEqual(heard("wall", 41, () => [p1, p2]).map((one) => [one.s, one.priority]), [[30, 1], [40, 1]]);
  assert.equal(heard("none", 60, () => [p1]).length, 0);
});

test("the patterns: ten pulses for a first alert, the last of each group higher", () => {
  const first = burst(1);
  assert.deepEqual(first.map((pulse) => pulse.hz), [660, 660, 660, 660, 880, 660, 660, 660, 660, 880]);
  assert.deepEqual([burst(2).length, burst(3).length, burst(3)[0]!.loudness], [3, 1, 0.5]);
  for (const pulses of [1, 2, 3].map(burst)) {
    pulses.forEach((pulse, index) => assert.ok(index === 0 || pulse.atS >= pulses[index - 1]!.atS + pulses[index - 1]!.lengthS));
  }
});

test("the card after an absence says what came, by number, and who has it", () => {
  const absence = new Absence([p1, p2], 0, 40);
  absence.hear([anAlert({ version: 2, state: "acting", owner: "op3" })]);
  absence.hear([
    anAlert({ alert_id: 5 }),
    anAlert({ alert_id: 6, state: "acting", owner: "op3" }),
    anAlert({ alert_id: 7, state: "closed" }),
    anAlert({ alert_id: 2, version: 2, priority: 1 }),
    anAlert({ alert_id: 8, priority: 2 }),
  ]);
  const card = absence.end(100, 720_000, 46)!;
  assert.deepEqual([card.awayS, card.from, card.to], [720, 41, 46]);
  assert.deepEqual(newsWords(card.news), ["4 P1: 2 open, 1 with op3, 1 closed", "1 P2: 1 open"]);
});

test("a short absence without news is not worth a card, a long one is", () => {
  assert.equal(new Absence([], 0, 1).end(0, 59_000, 1), null);
  assert.deepEqual(new Absence([], 0, 1).end(0, 60_000, 1)?.news, []);
});

test("the supervisor reads who calls and who is deaf; everybody reads what stands still", () => {
  const room = { desks: [], deaf: ["op7"], stopped: ["watch", "notify"], flood: FLOOD };
  const well = { ...room, stopped: [] };
  const called = { ...p1, rung: 1 };
  const up = { isLinked: true };
  const keys = (...given: Parameters<typeof roomLines>) => roomLines(...given).map((line) => line.key);
  assert.deepEqual(keys(room, [called], "supervisor", up), ["watch", "notify", "called-1", "deaf"]);
  assert.deepEqual(keys(room, [called], "desk", up), ["watch", "notify"]);
  assert.deepEqual(keys(well, [p1], "desk", up), []);
  assert.deepEqual(keys(room, [], "desk", { isLinked: false }), []);
  assert.deepEqual(roomLines(well, [], "desk", { ...up, isOld: true }).map((line) => line.canReload), [true]);
  assert.match(roomLines(well, [], "desk", { ...up, silentSince: "02:14:07" })[0]!.words, /from any tag since 02:14:07/);
  const ends = { ...well, session_ends_in_min: 4 };
  assert.match(roomLines(ends, [], "desk", up)[0]!.words, /ends in 4 minutes/);
  // Without a link nothing is known of the session: the banner says what is.
  assert.deepEqual(keys(ends, [], "desk", { isLinked: false, silentSince: "02:14:07" }), []);
});

test("the voice says priority, case and minutes, the nearest first, and nothing else", () => {
  assert.equal(spokenWords([p1]), "Priority one. Case zero one four two.");
  assert.equal(spokenWords([{ ...p1, minutes_to_contact: 2.9 }]), "Priority one. Case zero one four two. 2 minutes.");
  const near = { ...p1, alert_id: 9, case_code: "Storgatan 12, B", minutes_to_contact: 0.4 };
  const three = spokenWords([p1, near, { ...p1, alert_id: 10 }]);
  assert.equal(three, "Priority one. Case one two B. Less than 1 minute. Case zero one four two. And 1 more.");
  assert.equal(spokenWords([{ ...p1, case_code: "Åsa Öberg" }]), "Priority one. No case.");
});

/** A synthesis with these voices, which keeps what it was to say and finishes it when told. */
function aSynth(voices: { lang: string; localService: boolean }[]) {
  const spoken: { words: string; voice: unknown; end(): void }[] = [];
  const synth: Synth = {
    getVoices: () => voices,
    speak: (utterance) => spoken.push({ words: (utterance as Utterance & { words: string }).words, voice: utterance.voice, end: () => utterance.onend?.(null as never) }),
    cancel: () => {},
  };
  const utter = (words: string) => ({ words, voice: null, lang: "", onend: null }) as Utterance;
  return { voice: new Voice(synth, utter), spoken };
}

const HERE = { lang: "en-GB", localService: true };

test("only a voice of this machine speaks: one from elsewhere would carry codes out of the house", (t) => {
  const pass = aBeatingClock(t);
  for (const voices of [[], [{ lang: "en-US", localService: false }], [{ lang: "sv-SE", localService: true }]]) {
    const { voice, spoken } = aSynth(voices);
    voice.tell([p1], 1_000);
    pass(5_000);
    assert.equal(voice.isThere, false);
    assert.equal(spoken.length, 0);
  }
  const { voice, spoken } = aSynth([{ lang: "en-US", localService: false }, HERE]);
  voice.tell([p1], 1_000);
  pass(1_000);
  assert.equal(spoken.length, 0, "not into the burst");
  pass(1_000);
  assert.deepEqual(spoken.map((one) => one.voice), [HERE]);
});

test("each first alert is said once; cut short it is said again, but not for ever", (t) => {
  const pass = aBeatingClock(t);
  const { voice, spoken } = aSynth([HERE]);
  const tell = (...rows: AlertRow[]) => {
    voice.tell(rows, 0);
    pass(1_000);
  };
  tell(p1);
  tell(p1, p2);
  assert.equal(spoken.length, 2);
  tell(p1);
  assert.equal(spoken.length, 2, "twice begun and never ended");
  const other = { ...p1, alert_id: 9, case_code: "0077" };
  tell(p1, other);
  spoken.at(-1)!.end();
  tell(p1, other);
  assert.deepEqual(spoken.slice(2).map((one) => one.words), ["Priority one. Case zero zero seven seven."]);
  tell({ ...other, waiting_since: "2026-11-20T02:30:00Z" });
  assert.equal(spoken.length, 4, "back in the room it is news again");
});

test("a synthesis that throws stops nothing", (t) => {
  const pass = aBeatingClock(t);
  const broken: Synth = {
    getVoices: () => [HERE],
    speak: () => {
      throw new Error("no audio device");
    },
    cancel: () => {
      throw new Error("no audio device");
    },
  };
  t.mock.method(console, "warn", () => {});
  const voice = new Voice(broken, (words) => ({ words, voice: null, lang: "", onend: null }) as Utterance);
  assert.doesNotThrow(() => {
    voice.tell([p1], 0);
    pass(1_000);
    voice.hush();
  });
});
