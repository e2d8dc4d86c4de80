// Undo and redo as small differences, so that a hundred steps of a zone of five hundred corners
// fit into the draft that is kept on the server. Nothing of it is kept in the browser.

import type { Position } from "./geometry.ts";
import type { Part } from "./shape.ts";

/** What a step may change, apart from the parts: a field of the draft, whole. */
export type Fields = Record<string, unknown>;

export interface Work {
  parts: readonly Part[];
  fields: Fields;
}

/** In the ring (or line) at `path`, `out` was where `in` is now. */
interface Splice {
  path: [part: number, ring: number];
  at: number;
  out: Position[];
  in: Position[];
}

interface Swap {
  at: number;
  out: Part[];
  in: Part[];
}

export interface Step {
  words: string;
  splices?: Splice[];
  swap?: Swap;
  fields?: Record<string, [before: unknown, after: unknown]>;
}

export interface Log {
  steps: Step[];
  /** How many of the steps are done; those after it can be redone. */
  done: number;
}

export const MOST_STEPS = 200;
export const EMPTY_LOG: Log = { steps: [], done: 0 };

export function canUndo(log: Log): boolean {
  return log.done > 0;
}

export function canRedo(log: Log): boolean {
  return log.done < log.steps.length;
}

/** The log with the step that led from one to the other; the same log where nothing changed. */
export function pushed(log: Log, words: string, before: Work, after: Work): Log {
  const step = stepOf(words, before, after);
  if (!step) return log;
  const steps = [...log.steps.slice(0, log.done), step].slice(-MOST_STEPS);
  return { steps, done: steps.length };
}

/** The log without its oldest steps, as many as it takes to be written in so many letters. */
export function fitting(log: Log, letters: number): Log {
  const sizes = log.steps.map((step) => JSON.stringify(step).length + 1);
  let size = sizes.reduce((sum, each) => sum + each, 0);
  let dropped = 0;
  while (size > letters && dropped < log.done) size -= sizes[dropped++]!;
  return dropped === 0 ? log : { steps: log.steps.slice(dropped), done: log.done - dropped };
}

export function undone(log: Log, work: Work): { log: Log; work: Work; words: string } | null {
  const step = log.steps[log.done - 1];
  if (!step) return null;
  return { log: { ...log, done: log.done - 1 }, work: applied(step, work, false), words: step.words };
}

export function redone(log: Log, work: Work): { log: Log; work: Work; words: string } | null {
  const step = log.steps[log.done];
  if (!step) return null;
  return { log: { ...log, done: log.done + 1 }, work: applied(step, work, true), words: step.words };
}

/** The log as it came back from the server; an empty one where it is none. */
export function logFrom(kept: unknown): Log {
  const found = kept as Partial<Log> | null | undefined;
  if (!found || !Array.isArray(found.steps) || typeof found.done !== "number") return EMPTY_LOG;
  return { steps: found.steps, done: Math.min(Math.max(0, found.done), found.steps.length) };
}

export function stepOf(words: string, before: Work, after: Work): Step | null {
  const step: Step = { words };
  const splices = splicesOf(before.parts, after.parts);
  if (splices === null) step.swap = swapOf(before.parts, after.parts);
  else if (splices.length) step.splices = splices;
  for (const name of new Set([...Object.keys(before.fields), ...Object.keys(after.fields)])) {
    const [was, is] = [before.fields[name], after.fields[name]];
    if (JSON.stringify(was) !== JSON.stringify(is)) (step.fields ??= {})[name] = [was, is];
  }
  return step.splices || step.swap || step.fields ? step : null;
}

/** Differences ring by ring; null where parts themselves came, went or became of another sort. */
function splicesOf(before: readonly Part[], after: readonly Part[]): Splice[] | null {
  if (before.length !== after.length) return null;
  const found: Splice[] = [];
  for (const [number, was] of before.entries()) {
    const is = after[number]!;
    if (is === was) continue;
    if (frame(was) !== frame(is)) return null;
    const [old, now] = was.line ? [[was.line], [is.line!]] : [was.rings, is.rings];
    for (const [ring, positions] of old.entries()) {
      const splice = spliceOf([number, ring], positions, now[ring]!);
      if (splice) found.push(splice);
    }
  }
  return found;
}

/** All of a part but its corners. A circle is written whole: its ring follows from two numbers. */
function frame(part: Part): string {
  if (part.how === "circle") return JSON.stringify(part);
  return JSON.stringify({ how: part.how, rings: part.rings.length, line: Boolean(part.line), width: part.width_m });
}

function spliceOf(path: [number, number], before: readonly Position[], after: readonly Position[]): Splice | null {
  const least = Math.min(before.length, after.length);
  let head = 0;
  while (head < least && isEqual(before[head]!, after[head]!)) head++;
  let tail = 0;
  while (tail < least - head && isEqual(before[before.length - 1 - tail]!, after[after.length - 1 - tail]!)) tail++;
  const [out, put] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  return out.length || put.length ? { path, at: head, out, in: put } : null;
}

function swapOf(before: readonly Part[], after: readonly Part[]): Swap {
  const same = (here: Part | undefined, there: Part | undefined) => JSON.stringify(here) === JSON.stringify(there);
  const least = Math.min(before.length, after.length);
  let head = 0;
  while (head < least && same(before[head], after[head])) head++;
  let tail = 0;
  while (tail < least - head && same(before.at(-1 - tail), after.at(-1 - tail))) tail++;
  return { at: head, out: before.slice(head, before.length - tail), in: after.slice(head, after.length - tail) };
}

function applied(step: Step, work: Work, isForward: boolean): Work {
  let parts = [...work.parts];
  for (const splice of step.splices ?? []) {
    const [out, put] = isForward ? [splice.out, splice.in] : [splice.in, splice.out];
    const [number, ring] = splice.path;
    const part = parts[number]!;
    parts = parts.with(
      number,
      part.line
        ? { ...part, line: part.line.toSpliced(splice.at, out.length, ...put) }
        : { ...part, rings: part.rings.with(ring, part.rings[ring]!.toSpliced(splice.at, out.length, ...put)) },
    );
  }
  if (step.swap) {
    const [out, put] = isForward ? [step.swap.out, step.swap.in] : [step.swap.in, step.swap.out];
    parts = parts.toSpliced(step.swap.at, out.length, ...put);
  }
  const fields = { ...work.fields };
  for (const [name, [was, is]] of Object.entries(step.fields ?? {})) fields[name] = isForward ? is : was;
  return { parts, fields };
}

function isEqual(here: Position, there: Position): boolean {
  return here[0] === there[0] && here[1] === there[1];
}
