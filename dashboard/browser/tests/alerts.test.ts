import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AlertBook,
  ageS,
  ageWords,
  asOf,
  byUrgency,
  confidenceWords,
  filterWords,
  isFlapping,
  passes,
  sentence,
  victimWords,
} from "../src/live/alerts.ts";
import { shownRows, waitingWords, windowOf } from "../src/queue/order.ts";
import { cardsOf } from "../src/wall/cards.ts";
import { breachedZones, markedZones } from "../src/map/zones.ts";
import { anAlert, NOW_S } from "./makers.ts";

const ids = (rows: readonly { alert_id: number }[]) => rows.map((row) => row.alert_id);

test("the queue runs by priority, minutes to contact, what nobody took, age", () => {
  const rows = [
    anAlert({ alert_id: 1, priority: 3, minutes_to_contact: 0 }),
    anAlert({ alert_id: 2, priority: 1, state: "acknowledged", raised_at: "2026-11-20T01:00:00Z" }),
    anAlert({ alert_id: 3, priority: 1, raised_at: "2026-11-20T02:00:00Z" }),
    anAlert({ alert_id: 4, priority: 1, raised_at: "2026-11-20T01:30:00Z" }),
    anAlert({ alert_id: 5, priority: 1, minutes_to_contact: 9, raised_at: "2026-11-20T02:14:00Z" }),
    anAlert({ alert_id: 6, priority: 1, minutes_to_contact: 0 }),
    anAlert({ alert_id: 7, priority: 2, minutes_to_contact: 1 }),
    anAlert({ alert_id: 8, minutes_to_contact: 0, cleared_at: "2026-11-20T02:13:00Z" }),
  ];
  assert.deepEqual(ids(rows.sort(byUrgency)), [6, 5, 4, 3, 8, 2, 7, 1]);
});

test("an older version of a row never replaces a newer one", () => {
  const book = new AlertBook();
  book.hear({ outbox_id: 5, alerts: [anAlert({ version: 3, owner: "op7", state: "acknowledged" })] });
  const heard = book.hear({ outbox_id: 6, alerts: [anAlert({ version: 2 })] });
  assert.equal(book.get(1)?.owner, "op7");
  assert.deepEqual(heard.fresh, []);
});

test("a closed alert leaves, and one that was never seen is not announced", () => {
  const book = new AlertBook();
  book.hear({ outbox_id: 1, alerts: [anAlert()] });
  const heard = book.hear({
    outbox_id: 2,
    alerts: [anAlert({ version: 2, state: "closed" }), anAlert({ alert_id: 9, state: "closed" })],
  });
  assert.deepEqual(ids(heard.closed), [1]);
  assert.deepEqual(book.open(), []);
  assert.equal(book.outboxId, 2);
});

test("new rows and a rise in priority are news, an acknowledgement is not", () => {
  const book = new AlertBook();
  const first = book.hear({ outbox_id: 1, alerts: [anAlert({ priority: 2 })] });
  assert.deepEqual(ids(first.fresh), [1]);
  const risen = book.hear({ outbox_id: 2, alerts: [anAlert({ version: 2, priority: 1 })] });
  assert.deepEqual([ids(risen.fresh), ids(risen.raised)], [[], [1]]);
  const taken = book.hear({ outbox_id: 3, alerts: [anAlert({ version: 3, priority: 1, state: "acknowledged" })] });
  assert.deepEqual([ids(taken.fresh), ids(taken.raised)], [[], []]);
});

test("all open alerts at once close what they leave out", () => {
  const book = new AlertBook();
  book.hear({ outbox_id: 1, alerts: [anAlert(), anAlert({ alert_id: 2 })] });
  book.hear({ outbox_id: 8, alerts: [anAlert({ alert_id: 2, version: 2 })], is_all: true });
  assert.deepEqual(ids(book.open()), [2]);
});

test("numbers that go back are another past: forget, and ask for everything", () => {
  const book = new AlertBook();
  book.hear({ outbox_id: 500, alerts: [anAlert()] });
  const heard = book.hear({ outbox_id: 3, alerts: [anAlert({ alert_id: 2 })] });
  assert.equal(heard.isOtherPast, true);
  assert.deepEqual(ids(book.open()), [2]);
  assert.equal(book.hear({ outbox_id: 2, alerts: [], is_all: true }).isOtherPast, false);
});

test("counters tell open and not taken apart", () => {
  const book = new AlertBook();
  book.hear({
    outbox_id: 1,
    alerts: [anAlert(), anAlert({ alert_id: 2, state: "acknowledged" }), anAlert({ alert_id: 3, priority: 3 })],
  });
  assert.deepEqual(book.counts(), {
    1: { open: 2, untaken: 1, shelved: 0 },
    2: { open: 0, untaken: 0, shelved: 0 },
    3: { open: 1, untaken: 1, shelved: 0 },
  });
});

test("the tag's most urgent alert is the one a click on it opens", () => {
  const book = new AlertBook();
  book.hear({ outbox_id: 1, alerts: [anAlert({ alert_id: 4, priority: 3 }), anAlert({ alert_id: 5, priority: 2 })] });
  assert.equal(book.ofTag(7)?.alert_id, 5);
  assert.equal(book.ofTag(8), undefined);
});

test("an age counts in minutes and seconds, then hours, then days", () => {
  const cases: [number, string][] = [
    [-3, "00:00"],
    [0, "00:00"],
    [84.9, "01:24"],
    [5999, "99:59"],
    [6000, "1 h 40"],
    [47 * 3600 + 59 * 60, "47 h 59"],
    [48 * 3600, "2 d 0 h"],
  ];
  for (const [seconds, words] of cases) assert.equal(ageWords(seconds), words);
  assert.equal(ageS(anAlert(), NOW_S), 84);
});

test("confidence is cut, never rounded up to certainty, and says of what", () => {
  assert.equal(confidenceWords(anAlert()), "inside 0.93 ±18 m");
  assert.equal(confidenceWords(anAlert({ p_inside: 0.29 })), "inside 0.29 ±18 m");
  assert.equal(confidenceWords(anAlert({ p_inside: 0.99 })), "inside 0.99 ±18 m");
  assert.equal(confidenceWords(anAlert({ p_inside: 1 })), "inside > 0.99 ±18 m");
  assert.equal(confidenceWords(anAlert({ p_inside: 0, radius_95_m: 12.4 })), "inside 0.00 ±12 m");
  assert.equal(confidenceWords(anAlert({ p_inside: null, radius_95_m: null })), "");
  assert.equal(confidenceWords(anAlert({ breach_kind: "buffer" })), "in buffer 0.93 ±18 m");
  assert.equal(confidenceWords(anAlert({ breach_kind: "inclusion" })), "outside 0.93 ±18 m");
  assert.equal(confidenceWords(anAlert({ breach_kind: "pair_alarm", zone_id: null })), "within 0.93 ±18 m");
});

test("minutes to contact are cut; unknown is silent, zero is not", () => {
  assert.equal(victimWords(anAlert({ minutes_to_contact: null })), "");
  assert.equal(victimWords(anAlert({ minutes_to_contact: 0 })), "victim < 1 min");
  assert.equal(victimWords(anAlert({ minutes_to_contact: 1 })), "victim 1 min");
  assert.equal(victimWords(anAlert({ minutes_to_contact: 3.9 })), "victim 3 min");
});

test("a circle that lies over the edge flaps; one that touches it does not", () => {
  assert.equal(isFlapping(anAlert({ edge_m: -17.9 })), true);
  assert.equal(isFlapping(anAlert({ edge_m: 18 })), false);
  assert.equal(isFlapping(anAlert({ edge_m: null })), false);
  assert.equal(isFlapping(anAlert({ edge_m: 1, kind: "silent" })), false);
  assert.equal(isFlapping(anAlert({ is_flapping: true })), true);
});

test("a screen reader gets one sentence", () => {
  assert.equal(
    sentence(anAlert({ minutes_to_contact: 0.5 })),
    "Priority 1, case 0142 in Zone A, victim less than one min.",
  );
  // A device of no case is at least of a kind; Vigil's own troubles are of none.
  const silent = { case_code: null, title: "silent", zone_id: null };
  assert.equal(sentence(anAlert({ ...silent, device_kind: "handset" })), "Priority 1, a handset silent.");
  assert.equal(sentence(anAlert({ ...silent, device_kind: null })), "Priority 1, silent.");
});

test("a filter lets through its priorities and its owner", () => {
  const row = anAlert({ owner: "op7" });
  assert.equal(passes(row, null, "op3"), true);
  assert.equal(passes(row, { priorities: [] }, "op3"), true);
  assert.equal(passes(row, { priorities: [2, 3] }, "op7"), false);
  assert.equal(passes(row, { mine: true }, "op7"), true);
  assert.equal(passes(row, { mine: true }, "op3"), false);
  assert.equal(filterWords({ priorities: [1, 2], mine: true }), "P1 P2, mine");
  assert.equal(filterWords({ priorities: [] }), "");
});

test("under the focus nothing moves: new rows wait, closed ones stay marked", () => {
  const held = [anAlert({ alert_id: 2, priority: 2 }), anAlert({ alert_id: 3, priority: 2 })];
  const open = [anAlert({ alert_id: 1 }), anAlert({ alert_id: 3, priority: 2, owner: "op3" })];
  const { rows, waiting } = shownRows(open, null, null, held);
  assert.deepEqual(ids(rows), [2, 3]);
  assert.equal(rows[0]?.state, "closed");
  assert.equal(rows[1]?.owner, "op3");
  assert.deepEqual(ids(waiting), [1]);
  assert.equal(waitingWords(waiting), "1 new, 1 of P1 ▲");
  assert.deepEqual(ids(shownRows(open, null, null, null).rows), [1, 3]);
});

test("five thousand rows draw a few dozen", () => {
  assert.deepEqual(windowOf(5000, 60_000, 900, 60), { first: 996, last: 1019 });
  assert.deepEqual(windowOf(3, 0, 900, 60), { first: 0, last: 3 });
  assert.deepEqual(windowOf(0, 0, 900, 60), { first: 0, last: 0 });
});

test("a wall says NOT TAKEN at 15 s and grows two cards at 30 s", () => {
  const raised = (secondsAgo: number, given = {}) =>
    anAlert({ raised_at: new Date((NOW_S - secondsAgo) * 1000).toISOString(), ...given });
  const one = (secondsAgo: number, given = {}) => cardsOf([raised(secondsAgo, given)], NOW_S)[0];
  assert.equal(one(14.9)?.isNotTaken, false);
  assert.equal(one(15)?.isNotTaken, true);
  assert.equal(one(29.9)?.isGrown, false);
  assert.equal(one(30)?.isGrown, true);
  assert.equal(one(99, { state: "acknowledged" })?.isNotTaken, false);
  assert.equal(one(99, { priority: 3 })?.isNotTaken, false);
  const many = cardsOf(Array.from({ length: 9 }, (_, index) => raised(99, { alert_id: index })), NOW_S);
  assert.equal(many.length, 6);
  assert.equal(many.filter((card) => card.isGrown).length, 2);
});

test("a zone is breached while a first alert about it still holds", () => {
  const zones = breachedZones([
    anAlert({ zone_id: 3 }),
    anAlert({ zone_id: 4, priority: 2 }),
    anAlert({ zone_id: 5, cleared_at: "2026-11-20T02:14:00Z" }),
    anAlert({ zone_id: null }),
  ]);
  assert.deepEqual([...zones], [3]);
  const feature = (zone_id: number, role: string) => ({
    type: "Feature" as const,
    properties: { zone_id, role, name: "Zone A" },
    geometry: { type: "Point" as const, coordinates: [0, 0] },
  });
  const features = [feature(3, "buffer"), feature(3, "zone"), feature(3, "name"), feature(4, "zone"), feature(5, "zone")];
  const marked = markedZones({ type: "FeatureCollection", features }, zones, 4);
  assert.deepEqual(marked.features.map((each) => each.properties), [
    { breached: true, selected: false },
    { breached: false, selected: true },
  ]);
});

test("a taking without an act lapses at its end, and a shelf ends, without the server", () => {
  const taken = anAlert({ state: "acknowledged", owner: "op7", hold_until: "2026-11-20T02:14:07Z" });
  assert.equal(asOf(taken, NOW_S - 0.1), taken);
  const back = asOf(taken, NOW_S);
  assert.deepEqual([back.state, back.owner, back.waiting_since], ["new", null, "2026-11-20T02:14:07Z"]);
  const begun = anAlert({ state: "acting", owner: "op7", hold_until: null });
  assert.equal(asOf(begun, NOW_S + 9e9), begun);
  const book = new AlertBook();
  book.hear({ outbox_id: 1, alerts: [taken, anAlert({ alert_id: 2, state: "shelved", shelved_until: "2026-11-20T02:20:00Z" })] });
  assert.deepEqual(ids(book.open()), [1]);
  assert.deepEqual(ids(book.passTime(NOW_S)), [1]);
  assert.deepEqual(book.passTime(NOW_S), []);
  assert.deepEqual(ids(book.passTime(NOW_S + 600)), [2]);
  assert.deepEqual(ids(book.open()), [1, 2]);
});

test("the shelf is counted apart, and what comes back from somebody is news", () => {
  const book = new AlertBook();
  book.hear({ outbox_id: 1, alerts: [anAlert({ priority: 2, state: "shelved", shelved_until: "2026-11-20T02:20:00Z" })] });
  assert.deepEqual(book.counts()[2], { open: 0, untaken: 0, shelved: 1 });
  const heard = book.hear({ outbox_id: 2, alerts: [anAlert({ version: 2, priority: 2, state: "new" })] });
  assert.deepEqual(ids(heard.back), [1]);
  assert.deepEqual(ids(book.hear({ outbox_id: 3, alerts: [anAlert({ version: 3, priority: 2, rung: 1 })] }).escalated), [1]);
});
