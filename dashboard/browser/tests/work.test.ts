import assert from "node:assert/strict";
import { test } from "node:test";
import { choicesFor, type Findable } from "../src/keys/choices.ts";
import { actionFor, canChange, chooseKeys, KEYS, keyWords, screenFor, setScreens, whyNot } from "../src/keys/keymap.ts";
import { ticks } from "../src/work/acts.ts";
import { anAlert, NOW_S } from "./makers.ts";

const AT = "2026-11-20T02:14:07Z";
const NOTICE = { asked_at: AT, sent_at: null, delivered_at: null, read_at: null, failed_at: null };

test("a notice that nobody sends for twenty seconds is somebody's to ring", () => {
  const words = (given: object, nowS: number, speed = 1) => ticks({ ...NOTICE, ...given }, nowS, speed).map((tick) => tick.words);
  assert.deepEqual(words({}, NOW_S + 19.9), ["queued ✓"]);
  assert.deepEqual(words({}, NOW_S + 20), ["queued ✓", "not sent: ring them"]);
  assert.deepEqual(words({}, NOW_S + 399, 20), ["queued ✓"]);
  assert.deepEqual(words({ sent_at: AT, delivered_at: AT, read_at: AT }, NOW_S + 99), ["queued ✓", "sent ✓", "delivered ✓", "read ✓"]);
  assert.deepEqual(words({ failed_at: AT }, NOW_S), ["queued ✓", "failed: ring them"]);
});

test("no key is bound twice, and each entry says what it does", () => {
  const keys = KEYS.flatMap((entry) => entry.keys);
  assert.equal(new Set(keys).size, keys.length);
  for (const entry of KEYS) assert.ok(entry.words && keyWords(entry).every((word) => word.length > 0), entry.action);
});

const press = (key: string, given: object = {}) => ({ key, ctrlKey: false, altKey: false, metaKey: false, isTyping: false, ...given });

test("letters can be switched off; keys with Ctrl, Alt and F6 stay, also while typing", () => {
  assert.equal(actionFor(press("a"), false), "acknowledge");
  assert.equal(actionFor(press("a"), false, false), null);
  assert.equal(actionFor(press("?", { shiftKey: true }), false), "help");
  assert.equal(actionFor(press("k", { ctrlKey: true, isTyping: true }), false, false), "palette");
  assert.equal(actionFor(press("t", { altKey: true }), false, false), "theme");
  assert.equal(actionFor(press("F6", { isTyping: true }), false), "next-pane");
  assert.equal(actionFor(press("F6", { shiftKey: true }), false), "previous-pane");
  assert.equal(actionFor(press("Escape"), false, false), "deselect");
});

const FOUND: Findable = {
  alerts: [anAlert({ alert_id: 5 })],
  tags: { "7": { code: "0142", role: "offender" }, "8": { code: "0077", role: "victim" } },
  zones: [{ zoneId: 3, name: "Zone A", code: "0142" }],
};

test("a few letters find alerts, cases, zones, places and commands", () => {
  assert.deepEqual(choicesFor("0142", FOUND).map((choice) => choice.id), ["alert-5", "tag-7", "zone-3"]);
  assert.deepEqual(choicesFor("zone a 0142", FOUND).map((choice) => choice.id).sort(), ["alert-5", "zone-3"]);
  assert.deepEqual(choicesFor("hand-over", FOUND), []);
  setScreens([{ letter: "h", path: "/hand-over", words: "Hand-over" }]);
  assert.equal(screenFor("H")?.path, "/hand-over");
  assert.equal(screenFor("z"), null);
  assert.deepEqual(choicesFor("hand-over", FOUND).map((choice) => choice.path), ["/hand-over"]);
  assert.equal(choicesFor("acknow", FOUND)[0]?.action, "acknowledge");
  assert.deepEqual(choicesFor("nothing of the kind", FOUND), []);
  assert.equal(choicesFor("", FOUND).length, 14);
});

test("a person's own key takes the first one's place, and no key does two things", () => {
  chooseKeys({ acknowledge: "q", "next-alert": "z" });
  assert.equal(actionFor(press("q"), false), "acknowledge");
  assert.equal(actionFor(press("a"), false), null);
  assert.equal(actionFor(press("ArrowDown"), true), "next-alert");
  const entry = (action: string) => KEYS.find((each) => each.action === action)!;
  assert.match(whyNot(entry("note"), "q")!, /acknowledge/);
  assert.equal(whyNot(entry("note"), "a"), null);
  assert.match(whyNot(entry("note"), "Tab")!, /Only/);
  assert.deepEqual(["palette", "deselect", "open-alert", "acknowledge", "next-pane"].map((each) => canChange(entry(each))), [false, false, false, true, true]);
  chooseKeys({});
});
