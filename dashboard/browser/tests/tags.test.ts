import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameError, mercatorX, mercatorY, TagStore } from "../src/live/tags.ts";
import { aFrame, NOW_S } from "./makers.ts";

test("a record says what the server packed, to the centimetre", () => {
  const tags = new TagStore();
  const header = tags.apply(
    aFrame([
      { id: 4_000_000_000, lon: 179.9999999, lat: -69.1234567, fixedAtS: 4_102_444_800, heading: 35_999, radius: 65_534 },
      { id: 7, lon: -179.9999999, lat: 57.7, state: 3, role: 1, battery: 0, flags: 1 },
    ]),
  );
  assert.deepEqual(header, {
    serverNowS: NOW_S,
    judgedBeatS: NOW_S - 1,
    newestFixS: NOW_S - 2,
    count: 2,
    isFull: true,
  });
  assert.equal(tags.count, 2);
  assert.equal(tags.ids[0], 4_000_000_000);
  assert.equal(tags.lon(0), 179.9999999);
  assert.equal(tags.lat(0), -69.1234567);
  assert.equal(tags.fixedAtS[0], 4_102_444_800);
  assert.equal(tags.headingCdeg[0], 35_999);
  assert.equal(tags.radiusM[0], 65_534);
  const slot = tags.slotOf(7);
  assert.deepEqual(
    [tags.lon(slot), tags.state[slot], tags.role[slot], tags.batteryPct[slot], tags.flags[slot]],
    [-179.9999999, 3, 1, 0, 1],
  );
  assert.equal(tags.x[slot], mercatorX(-179.9999999));
  assert.equal(tags.y[slot], mercatorY(57.7));
});

test("changes move the tags they name and leave the others standing", () => {
  const tags = new TagStore();
  tags.apply(aFrame([{ id: 1, lon: 11, lat: 57 }, { id: 2, lon: 12, lat: 58 }]));
  tags.apply(aFrame([{ id: 2, lon: 12.5, lat: 58 }, { id: 3, lon: 13, lat: 59 }], 1));
  assert.equal(tags.count, 3);
  assert.deepEqual([1, 2, 3].map((id) => tags.lon(tags.slotOf(id))), [11, 12.5, 13]);
  assert.equal(tags.x[tags.slotOf(2)], mercatorX(12.5));
});

test("a full picture forgets the tags it does not name", () => {
  const tags = new TagStore();
  tags.apply(aFrame([{ id: 1 }, { id: 2 }]));
  tags.apply(aFrame([{ id: 2, lon: 5, lat: 6 }]));
  assert.equal(tags.count, 1);
  assert.equal(tags.slotOf(1), -1);
  assert.equal(tags.lon(tags.slotOf(2)), 5);
  assert.equal(tags.x[0], mercatorX(5));
});

test("a frame without tags still tells the time", () => {
  const tags = new TagStore();
  tags.apply(aFrame([{ id: 1 }]));
  const header = tags.apply(aFrame([], 1, NOW_S + 1));
  assert.equal(header.serverNowS, NOW_S + 1);
  assert.equal(tags.count, 1);
});

test("a tag at the meeting of equator and Greenwich has a place too", () => {
  const tags = new TagStore();
  tags.apply(aFrame([{ id: 1, lon: 0, lat: 0 }]));
  assert.deepEqual([tags.x[0], tags.y[0]], [0.5, 0.5]);
});

test("a frame that does not add up is refused whole", () => {
  const tags = new TagStore();
  tags.apply(aFrame([{ id: 1, lon: 11, lat: 57 }]));
  const frame = aFrame([{ id: 1, lon: 99, lat: 9 }]);
  for (const broken of [new ArrayBuffer(0), frame.slice(0, 39), frame.slice(0, 63), aFrame([{ id: 1 }], 2)]) {
    assert.throws(() => tags.apply(broken), FrameError);
  }
  assert.equal(tags.lon(0), 11);
});

test("twenty thousand tags find their rows again", () => {
  const tags = new TagStore();
  const all = Array.from({ length: 20_000 }, (_, index) => ({ id: index * 3 + 1, lon: index / 1000 }));
  tags.apply(aFrame(all));
  tags.apply(aFrame(all.slice(0, 5_000).map((tag) => ({ ...tag, lon: tag.lon + 1 })), 1));
  assert.equal(tags.count, 20_000);
  assert.equal(tags.lon(tags.slotOf(3 * 4_999 + 1)), 5.999);
  assert.equal(tags.lon(tags.slotOf(3 * 5_000 + 1)), 5);
});
