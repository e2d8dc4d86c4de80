// The zone studio's pure parts: measures, shapes, undo, snapping, the painted week, the draft's keeping.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Draft } from "../src/studio/answers.ts";
import { Clash, Refusal } from "../src/studio/api.ts";
import { areaM2, circleOf, circleRing, crossings, isInside, metresBetween, metresToEdge, type Position, type Ring, shifted } from "../src/studio/geometry.ts";
import { studioKey } from "../src/studio/keys.ts";
import { Session } from "../src/studio/session.ts";
import { aCircle, aCorridor, aPolygon, area, circleFrom, dragged, faultOf, inserted, irregular, moved, movedBy, type Part, removed, vertexCount, withHole } from "../src/studio/shape.ts";
import { snapOf } from "../src/studio/snapping.ts";
import { EMPTY_LOG, fitting, logFrom, MOST_STEPS, pushed, redone, undone, type Work } from "../src/studio/undo.ts";
import { DAYS, emptyWeek, hoursWords, momentOf, painted, type Schedule, wallAt, weekOf, weeklyOf } from "../src/studio/week.ts";

const GOTEBORG: Position = [11.97, 57.7];
const EQUATOR: Position = [0, 0];

function aSquare(at: Position, sideM: number): Ring {
  const half = sideM / 2;
  const ring = ([[-half, -half], [half, -half], [half, half], [-half, half]] as const).map(([east, north]) => shifted(at, east, north));
  return [...ring, ring[0]!];
}

const near = (value: number, wanted: number, share: number) =>
  assert.ok(Math.abs(value - wanted) <= Math.abs(wanted) * share, `${value} is not ${wanted} within ${share}`);

// ---- measures

test("a circle is round in true metres at any latitude", () => {
  for (const centre of [EQUATOR, GOTEBORG, [25, -70] as Position]) {
    const ring = circleRing(centre, 500);
    for (const corner of ring) near(metresBetween(centre, corner), 500, 0.0005);
    near(areaM2(ring), Math.PI * 500 ** 2, 0.002);
    assert.deepEqual(ring[0], ring.at(-1));
  }
});

test("centre and radius are read from the ring that was drawn", () => {
  const { centre, radiusM } = circleOf(circleRing(GOTEBORG, 1330));
  near(radiusM, 1330, 0.0005);
  assert.ok(metresBetween(centre, GOTEBORG) < 0.2);
});

test("a degree of the ellipsoid is as long as the tables say", () => {
  near(metresBetween([0, 0], [1, 0]), 111_319.49, 1e-6);
  near(metresBetween([0, 53], [0, 53.001]), 111.2826, 1e-4);
});

test("the distance to the edge is the same from inside and outside", () => {
  const ring = aSquare(GOTEBORG, 200);
  near(metresToEdge(GOTEBORG, [ring]), 100, 0.001);
  near(metresToEdge(shifted(GOTEBORG, 150, 0), [ring]), 50, 0.002);
  assert.ok(isInside(GOTEBORG, ring) && !isInside(shifted(GOTEBORG, 150, 0), ring));
});

test("a bow tie is found, with the edges that cross", () => {
  const [a, b, c, d] = aSquare(GOTEBORG, 100) as [Position, Position, Position, Position];
  const found = crossings([a, c, b, d, a]);
  assert.equal(found.length, 1);
  assert.deepEqual(crossings(aSquare(GOTEBORG, 100)), []);
});

test("an edge that runs back over itself is a fault, a straight corner is none", () => {
  const line: Ring = [[0, 0], [1, 0], [2, 0], [2, 1], [0, 1], [0, 0]];
  assert.deepEqual(crossings(line), []);
  assert.ok(crossings([[0, 0], [2, 0], [1, 0], [1, 1], [0, 0]]).length > 0);
});

test("a ring that touches itself in a corner is a fault", () => {
  assert.ok(crossings([[0, 0], [2, 0], [2, 2], [1, 0], [0, 2], [0, 0]]).length > 0);
});

// ---- shapes

test("a corner is moved in true metres, and the ring stays closed", () => {
  const parts = [aPolygon(aSquare(GOTEBORG, 100))];
  const after = movedBy(parts, { part: 0, ring: 0, at: 0 }, 3, 4);
  near(metresBetween(parts[0]!.rings[0]![0]!, after[0]!.rings[0]![0]!), 5, 0.01);
  assert.deepEqual(after[0]!.rings[0]![0], after[0]!.rings[0]!.at(-1));
  assert.notEqual(parts[0], after[0]);
});

test("moving the corner of a circle moves the circle", () => {
  const [after] = moved([aCircle(GOTEBORG, 300)], { part: 0, ring: 0, at: 0 }, [12, 57.71]);
  assert.deepEqual(after!.centre, [12, 57.71]);
  assert.equal(after!.radius_m, 300);
});

test("a circle that was stretched to an ellipse comes back round", () => {
  const stretched = circleRing(GOTEBORG, 400).map(([lon, lat]): Position => [GOTEBORG[0] + (lon - GOTEBORG[0]) * 1.2, lat]);
  const ring = circleFrom(stretched).rings[0]!;
  const reach = ring.map((corner) => metresBetween(GOTEBORG, corner));
  near(Math.max(...reach), Math.min(...reach), 0.002);
});

test("a hole goes into the part it lies in, and makes a polygon of a circle", () => {
  const parts = [aCircle(GOTEBORG, 300), aPolygon(aSquare([12, 57.8], 100))];
  const after = withHole(parts, aSquare(GOTEBORG, 50))!;
  assert.equal(after[0]!.how, "polygon");
  assert.equal(after[0]!.rings.length, 2);
  near(area(after), Math.PI * 300 ** 2 - 2500 + 10_000, 0.003);
  assert.equal(withHole(parts, aSquare([13, 57], 50)), null);
  assert.equal(faultOf(after), null);
});

test("a hole that crosses its zone's edge is refused with words", () => {
  const zone: Part = { how: "polygon", rings: [aSquare(GOTEBORG, 100), aSquare(shifted(GOTEBORG, 50, 0), 40)] };
  assert.match(faultOf([zone])!.words, /hole/);
});

test("two clicks on one place are no rectangle and no corridor, and a circle has its most", () => {
  const [lon, lat] = GOTEBORG;
  const line: Ring = [[lon, lat], [lon + 1e-4, lat], [lon + 1e-4, lat], [lon, lat], [lon, lat]];
  assert.match(faultOf([aPolygon(line, "rectangle")])!.words, /no width/);
  assert.match(faultOf([aCorridor([GOTEBORG, GOTEBORG], 40)])!.words, /no width/);
  assert.equal(faultOf([aCorridor([GOTEBORG, [lon, lat + 1e-4]], 40)]), null);
  assert.match(faultOf([aCircle(GOTEBORG, 20_001)])!.words, /20 km/);
  assert.equal(faultOf([aCircle(GOTEBORG, 20_000)]), null);
});

test("a zone moves with its holes", () => {
  const zone: Part = { how: "polygon", rings: [aSquare(GOTEBORG, 200), aSquare(GOTEBORG, 40)] };
  const after = dragged(zone, GOTEBORG, [GOTEBORG[0] + 0.01, GOTEBORG[1]]);
  assert.equal(faultOf([after]), null);
  near(after.rings[1]![0]![0] - zone.rings[1]![0]![0], 0.01, 0.001);
});

test("corners come and go, and the last three take their ring with them", () => {
  let parts: Part[] = [aPolygon(aSquare(GOTEBORG, 100))];
  parts = inserted(parts, { part: 0, ring: 0, at: 3 });
  assert.equal(vertexCount(parts), 5);
  parts = removed(removed(parts, { part: 0, ring: 0, at: 0 }), { part: 0, ring: 0, at: 0 });
  assert.equal(vertexCount(parts), 3);
  assert.deepEqual(removed(parts, { part: 0, ring: 0, at: 0 }), []);
  const line = [aCorridor([GOTEBORG, shifted(GOTEBORG, 100, 0)], 40)];
  assert.equal(vertexCount(inserted(line, { part: 0, ring: 0, at: 1 })), 3);
  assert.deepEqual(removed(line, { part: 0, ring: 0, at: 1 }), []);
});

test("an irregular outline holds the whole circle it stands for, and its middle is elsewhere", () => {
  let seed = 7;
  const chance = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  for (let round = 0; round < 200; round++) {
    const part = irregular(GOTEBORG, 300, chance);
    assert.equal(faultOf([part]), null);
    assert.ok(isInside(GOTEBORG, part.rings[0]!));
    assert.ok(metresToEdge(GOTEBORG, part.rings) >= 300, "the edge comes nearer than was asked");
    assert.ok(metresBetween(circleOf(part.rings[0]!).centre, GOTEBORG) > 30);
  }
});

// ---- undo

const fields = { kind: "exclusion", buffer_m: 200 };

test("two hundred steps go back and forth, also after they were kept and fetched again", () => {
  let work: Work = { parts: [aPolygon(aSquare(GOTEBORG, 400))], fields };
  const states = [work];
  let log = EMPTY_LOG;
  for (let step = 0; step < MOST_STEPS; step++) {
    const parts = step % 7 === 3 ? inserted(work.parts, { part: 0, ring: 0, at: step % 4 }) : movedBy(work.parts, { part: 0, ring: 0, at: step % 4 }, 1, 2);
    const after = { parts, fields: step % 10 === 0 ? { ...work.fields, buffer_m: step } : work.fields };
    log = pushed(log, `step ${step}`, work, after);
    work = after;
    states.push(work);
  }
  const kept = JSON.stringify(log);
  assert.ok(kept.length < 60_000, `${kept.length} bytes for ${MOST_STEPS} steps`);
  log = logFrom(JSON.parse(kept));
  for (let at = MOST_STEPS - 1; at >= 0; at--) {
    const back = undone(log, work)!;
    ({ log, work } = back);
    assert.deepEqual(work, states[at]);
    assert.equal(back.words, `step ${at}`);
  }
  assert.equal(undone(log, work), null);
  for (let at = 1; at <= MOST_STEPS; at++) {
    ({ log, work } = redone(log, work)!);
    assert.deepEqual(work, states[at]);
  }
  assert.equal(redone(log, work), null);
});

test("parts that come, go and change their sort can be taken back", () => {
  const first: Work = { parts: [], fields };
  const second: Work = { parts: [aCircle(GOTEBORG, 300)], fields };
  const third: Work = { parts: withHole(second.parts, aSquare(GOTEBORG, 40))!, fields };
  const fourth: Work = { parts: [...third.parts, aCorridor([GOTEBORG, [12, 57.7]], 30)], fields };
  let log = EMPTY_LOG;
  for (const [before, after] of [[first, second], [second, third], [third, fourth]] as const) log = pushed(log, "x", before, after);
  let work = fourth;
  for (const wanted of [third, second, first]) {
    ({ log, work } = undone(log, work)!);
    assert.deepEqual(work, wanted);
  }
});

test("a new step forgets what could be redone, and nothing changed is no step", () => {
  const before: Work = { parts: [], fields };
  const after: Work = { parts: [], fields: { ...fields, buffer_m: 300 } };
  let log = pushed(EMPTY_LOG, "a", before, after);
  assert.equal(pushed(log, "b", after, { ...after }), log);
  log = undone(log, after)!.log;
  log = pushed(log, "c", before, { parts: [], fields: { ...fields, kind: "neutral" } });
  assert.deepEqual(log.steps.map((step) => step.words), ["c"]);
});

test("a log too long to be kept loses its oldest steps, and the rest still goes back", () => {
  let work: Work = { parts: [], fields };
  let log = EMPTY_LOG;
  for (let step = 1; step <= 50; step++) {
    const after: Work = { parts: [aPolygon(circleRing(GOTEBORG, step * 10, 400))], fields };
    log = pushed(log, `${step}`, work, after);
    work = after;
  }
  const short = fitting(log, 180_000);
  assert.ok(JSON.stringify(short).length < 181_000 && short.steps.length < 50);
  assert.equal(short.done, short.steps.length);
  assert.deepEqual(undone(short, work), { ...undone(log, work)!, log: { ...short, done: short.done - 1 } });
  assert.equal(fitting(short, 180_000), short);
});

test("a log that is none is an empty one", () => {
  for (const kept of [null, undefined, {}, { steps: 3 }, "x"]) assert.deepEqual(logFrom(kept), EMPTY_LOG);
});

// ---- snapping

test("a corner is taken before the line beside it, and nothing far away", () => {
  const street = { target: "street" as const, points: [[0, 0], [100, 0]] as [number, number][], places: [[0, 0], [1, 0]] as [number, number][] };
  assert.deepEqual(snapOf([50, 5], [street]), { target: "street", place: [0.5, 0] });
  assert.deepEqual(snapOf([95, 5], [street])!.place, [1, 0]);
  assert.equal(snapOf([50, 30], [street]), null);
  assert.equal(snapOf([50, 5], [{ ...street, cornersOnly: true }]), null);
});

// ---- the week

const schedule = (weekly: Schedule["weekly"]): Schedule => ({ time_zone: "Europe/London", weekly, exceptions: [], grace_s: 0 });

test("a painted week comes back as the windows it was made of", () => {
  for (const weekly of [
    [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "08:00", to: "18:15" }],
    [{ days: [...DAYS], from: "22:00", to: "06:00" }],
    [{ days: [...DAYS], from: "00:00", to: "24:00" }],
    [{ days: ["sun"], from: "23:00", to: "05:00" }, { days: ["wed"], from: "10:00", to: "12:00" }],
    [],
  ] as Schedule["weekly"][]) {
    const made = weeklyOf(weekOf(schedule(weekly)));
    assert.deepEqual(weekOf(schedule(made)), weekOf(schedule(weekly)));
    assert.equal(made.length, weekly.length);
  }
});

test("any painted week survives: ten thousand strokes", () => {
  let seed = 11;
  const chance = (most: number) => (seed = (seed * 16_807) % 2_147_483_647) % most;
  let week = emptyWeek();
  for (let stroke = 0; stroke < 10_000; stroke++) {
    week = painted(week, [chance(7), chance(96)], [chance(7), chance(96)], chance(2) === 0);
    if (stroke % 20 === 0) assert.deepEqual(weekOf(schedule(weeklyOf(week))), week);
  }
});

test("hours are said in a line", () => {
  assert.equal(hoursWords(null), "Mon-Sun 00-24");
  assert.equal(hoursWords(schedule([{ days: ["mon", "tue", "wed"], from: "08:00", to: "18:00" }])), "Mon-Wed 08:00-18:00");
});

test("a wall time is the right moment, also in both nights of the change", () => {
  assert.equal(momentOf("2026-07-01T12:00", "Europe/London"), "2026-07-01T11:00:00.000Z");
  assert.equal(momentOf("2026-01-01T12:00", "Europe/London"), "2026-01-01T12:00:00.000Z");
  // 01:30 is skipped in spring: the hour after. In autumn it comes twice: the first.
  assert.equal(momentOf("2026-03-29T01:30", "Europe/London"), "2026-03-29T01:30:00.000Z");
  assert.equal(momentOf("2026-10-25T01:30", "Europe/London"), "2026-10-25T00:30:00.000Z");
  assert.equal(momentOf("2026-10-25T02:30", "Europe/London"), "2026-10-25T02:30:00.000Z");
  assert.equal(wallAt("2026-07-01T11:00:00Z", "Europe/London"), "2026-07-01T12:00");
});

// ---- keys

test("letters do nothing while somebody types, saving does", () => {
  const held = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
  assert.equal(studioKey({ ...held, key: "p", isTyping: false }), "polygon");
  assert.equal(studioKey({ ...held, key: "p", isTyping: true }), null);
  assert.equal(studioKey({ ...held, key: "p", isTyping: false }, false), null);
  assert.equal(studioKey({ ...held, key: "s", ctrlKey: true, isTyping: true }), "save");
  assert.equal(studioKey({ ...held, key: "z", ctrlKey: true, isTyping: false }), "undo");
  assert.equal(studioKey({ ...held, key: "Z", ctrlKey: true, shiftKey: true, isTyping: false }), "redo");
  assert.equal(studioKey({ ...held, key: "z", ctrlKey: true, isTyping: true }), null);
  assert.equal(studioKey({ ...held, key: "ArrowUp", shiftKey: true, isTyping: false }), "move");
});

// ---- keeping the draft

function aDraft(changes: Partial<Draft> = {}): Draft {
  return {
    draft_id: 1, zone_id: null, case_id: 1, case_code: "0142", label: "new zone", kind: "exclusion", template: null, buffer_m: 200,
    parts: [aCircle(GOTEBORG, 300)], schedule: null, permissions: [], valid_from: null, reason: "", order_ref: "", revision: 1, state: "editing",
    author: "off4", saved_at: "2026-11-21T12:00:00Z", history: null, shape: null, ring: null, measures: null, checks: [], base: null, may: { edit: true },
    ...changes,
  };
}

test("what changed while a save was on its way is saved after it", async () => {
  const saved: { buffer_m: number; revision: number }[] = [];
  const session: Session = new Session(aDraft(), () => {}, {
    save: async (_id, given) => {
      const { buffer_m, revision } = given as { buffer_m: number; revision: number };
      saved.push({ buffer_m, revision });
      if (saved.length === 1) session.setField("buffer_m", 400, "second");
      return aDraft({ revision: revision + 1 });
    },
  });
  session.setField("buffer_m", 300, "first");
  await session.flush().catch(() => null);
  await session.flush();
  assert.deepEqual(saved, [{ buffer_m: 300, revision: 1 }, { buffer_m: 400, revision: 2 }]);
  assert.equal(session.saving, "saved");
  session.stop();
});

test("of two editors the second sees both, and whichever goes on the other is one step away", async () => {
  for (const choice of ["mine", "theirs"] as const) {
    const theirs = aDraft({ revision: 2, author: "off7", reason: "her move", buffer_m: 900, parts: [aCircle([12, 57.8], 100)] });
    let isFirst = true;
    const session = new Session(aDraft(), () => {}, {
      save: async (_id, given) => {
        if (isFirst) {
          isFirst = false;
          throw new Clash("off7 saved meanwhile", theirs);
        }
        return aDraft({ ...(given as Partial<Draft>), revision: 3, parts: [...session.parts] });
      },
    });
    session.setField("buffer_m", 555, "mine");
    await assert.rejects(session.flush(), Refusal);
    assert.equal(session.saving, "clash");
    assert.equal(session.theirs, theirs);
    assert.ok(session.isLocked, "nothing can be changed until it is settled");
    session.settle(choice);
    assert.equal(session.fields.buffer_m, choice === "mine" ? 555 : 900);
    assert.equal(session.reason, "her move", "only theirs has a reason");
    if (choice === "mine") session.undo();
    else session.redo();
    assert.equal(session.fields.buffer_m, choice === "mine" ? 900 : 555);
    await session.flush();
    assert.equal(session.draft.revision, 3);
    session.stop();
  }
});

test("a save that is refused says why and is not tried without end", async () => {
  let tries = 0;
  const session = new Session(aDraft(), () => {}, {
    save: async () => {
      tries++;
      throw new Refusal("parts[0].rings: a ring without crossing edges", 400);
    },
  });
  session.setField("buffer_m", 300, "x");
  await assert.rejects(session.flush(), /crossing edges/);
  assert.equal(session.saving, "failed");
  assert.equal(tries, 1);
  session.stop();
});
