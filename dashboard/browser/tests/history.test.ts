import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, Unanswered } from "../src/history/answers.ts";
import type { Track } from "../src/history/answers.ts";
import { gapWords, trackFeatures } from "../src/history/track_features.ts";
import { addressOf, deepestWords, filterWords, NO_FILTER, queryOf, viewOf } from "../src/history/view.ts";

test("an address and the view it opens are the same, whatever the order", () => {
  const view = viewOf("?finding=drift,open&case=0142&days=6,7&hours=22-6&show=heat&page=3&breach=17");
  assert.deepEqual(viewOf(`?${addressOf(view)}`), view);
  assert.equal(view.page, 2);
  assert.deepEqual(view.filter.finding, ["drift", "open"]);
  assert.equal(queryOf(view.filter), "case=0142&finding=drift%2Copen&hours=22-6&days=6%2C7");
});

test("an address somebody made up opens the plain view", () => {
  const view = viewOf("?kind=nonsense&show=3d&page=-1&breach=1e9&days=0,8");
  assert.deepEqual(view, { filter: NO_FILTER, show: "points", page: 0, breach: null });
  assert.equal(addressOf(view), "");
});

test("a filter is said in words, and none is said too", () => {
  assert.equal(filterWords(NO_FILTER), "all on record");
  const filter = { ...NO_FILTER, case: " 0142 ", grade: ["certain", "probable"], days: ["6"] };
  assert.equal(filterWords(filter), "case 0142 · certain or probable · Sat");
});

test("no line is drawn across a gap, and both its ends are marked", () => {
  // The limit itself is no gap; a second more is.
  const track: Track = {
    gap_s: 180,
    is_cut: false,
    fixes: [
      [11.9, 57.7, 0, 10],
      [11.91, 57.7, 180, 10],
      [11.92, 57.7, 361, 10],
      [11.93, 57.7, 420, 10],
    ],
  };
  const lines = trackFeatures(track, false);
  assert.deepEqual(
    lines.map((each) => (each.geometry as GeoJSON.LineString).coordinates),
    [
      [[11.9, 57.7], [11.91, 57.7]],
      [[11.92, 57.7], [11.93, 57.7]],
    ],
  );
  const gaps = trackFeatures(track, true).filter((each) => each.properties?.["role"] === "gap");
  assert.deepEqual(gaps.map((each) => each.properties?.["words"]), ["no fix for 3 min", ""]);
});

test("a long gap is said in hours", () => {
  assert.equal(gapWords(42 * 60), "no fix for 42 min");
  assert.equal(gapWords(2 * 3600 + 14 * 60), "no fix for 2 h 14");
});

test("a server that is away is asked again, a refusal is not, and a proxy's page is no answer", async (t) => {
  const answers = async (body: string, status: number) => {
    t.mock.method(globalThis, "fetch", async () => new Response(body, { status }));
    return ask("/history/list.json").then(
      ({ found }) => ["found", found],
      (error: Error) => [error instanceof Unanswered, error.message],
    );
  };
  assert.deepEqual(await answers("null", 200), ["found", null]);
  assert.deepEqual(await answers('{"message":"Not for this role."}', 403), [false, "Not for this role."]);
  assert.deepEqual(await answers('{"message":"The database is away."}', 503), [true, "The database is away."]);
  assert.deepEqual(await answers("<html>Bad gateway</html>", 502), [true, "The room answered 502."]);
  t.mock.method(globalThis, "fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  await assert.rejects(ask("/history/list.json"), /does not answer/);
});

test("a zone crossed between two fixes has no depth in metres", () => {
  assert.equal(deepestWords(-40.2), "40 m inside the edge");
  assert.equal(deepestWords(0), "crossed between two fixes");
  assert.equal(deepestWords(-0), "crossed between two fixes");
  assert.equal(deepestWords(-0.4), "0 m inside the edge");
  assert.equal(deepestWords(12.3), "12 m from the edge");
});
