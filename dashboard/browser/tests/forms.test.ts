import assert from "node:assert/strict";
import { test } from "node:test";
import { shown, written } from "../src/forms/when.ts";

test("days, moments and times read the same in every browser, and what is none is null", () => {
  assert.equal(written("day", " 2026-06-20 "), "2026-06-20");
  assert.equal(written("day", ""), "");
  for (const none of ["06/20/2026", "20.6.2026", "2026-6-2", "2026-02-30", "2026-13-01", "2026-06-2"]) assert.equal(written("day", none), null, none);
  assert.equal(written("day", "2028-02-29"), "2028-02-29");
  assert.equal(written("day", "2026-02-29"), null);
  assert.equal(written("moment", "2026-06-20 03:14"), "2026-06-20T03:14");
  assert.equal(written("moment", "2026-06-20T3:14"), "2026-06-20T03:14");
  for (const none of ["2026-06-20", "03:14", "2026-06-20 24:00", "2026-06-20 03:60", "2026-06-31 03:14"]) assert.equal(written("moment", none), null, none);
  assert.equal(written("time", "8:05"), "08:05");
  assert.equal(written("time", "23:59"), "23:59");
  for (const none of ["24:00", "8", "08:00 PM"]) assert.equal(written("time", none), null, none);
});

test("a moment is shown as it may be typed", () => {
  assert.equal(shown("2026-06-20T03:14"), "2026-06-20 03:14");
  assert.equal(written("moment", shown("2026-06-20T03:14")), "2026-06-20T03:14");
  assert.equal(shown(""), "");
});
