// One draft at work: what is drawn now, how it can be taken back, and keeping it on the server.
// Nothing of it is kept in the browser; after a reload everything comes from the server again.

import type { Draft, Kind, Permission } from "./answers.ts";
import { api, Clash, Refusal, sentPart, wordsOf } from "./api.ts";
import type { Part } from "./shape.ts";
import { canRedo, canUndo, fitting, type Log, logFrom, pushed, redone, undone, type Work } from "./undo.ts";
import type { Schedule } from "./week.ts";

/** What undo brings back, beside the parts. */
export interface Fields {
  [name: string]: unknown;
  kind: Kind;
  buffer_m: number;
  schedule: Schedule | null;
  permissions: Permission[];
  valid_from: string | null;
}

export type Saving = "saved" | "waiting" | "saving" | "failed" | "clash";

export interface Keeper {
  save(draftId: number, given: object): Promise<Draft>;
}

const SAVE_AFTER_MS = 500;
/** Somewhat below what the server keeps beside a draft. */
const MOST_HISTORY = 180_000;
const AGAIN_AFTER_MS = 5_000;

export class Session {
  work: Work;
  log: Log;
  reason: string;
  orderRef: string;
  saving: Saving = "saved";
  /** What the last save that failed was answered. */
  trouble = "";
  /** The other person's, while theirs and ours differ. */
  theirs: Draft | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private turn = 0;
  private sent = 0;
  private flight: Promise<void> | null = null;

  constructor(
    public draft: Draft,
    private readonly changed: () => void,
    private readonly keeper: Keeper = api,
  ) {
    this.work = workOf(draft);
    this.log = logFrom(draft.history);
    this.reason = draft.reason;
    this.orderRef = draft.order_ref;
  }

  get parts(): readonly Part[] {
    return this.work.parts;
  }

  get fields(): Fields {
    return this.work.fields as Fields;
  }

  get isLocked(): boolean {
    return this.draft.state !== "editing" || this.draft.may.edit === false || this.theirs !== null;
  }

  get canUndo(): boolean {
    return !this.isLocked && canUndo(this.log);
  }

  get canRedo(): boolean {
    return !this.isLocked && canRedo(this.log);
  }

  setParts(parts: readonly Part[], words: string): void {
    this.step({ ...this.work, parts }, words);
  }

  setField<Name extends keyof Fields>(name: Name, value: Fields[Name], words: string): void {
    this.step({ ...this.work, fields: { ...this.work.fields, [name]: value } }, words);
  }

  /** Parts and fields in one step, such as a template's. */
  setAll(parts: readonly Part[], fields: Partial<Fields>, words: string): void {
    this.step({ parts, fields: { ...this.work.fields, ...fields } }, words);
  }

  setWords(name: "reason" | "orderRef", words: string): void {
    this[name] = words;
    this.touch();
  }

  undo(): string | null {
    return this.back(undone(this.log, this.work));
  }

  redo(): string | null {
    return this.back(redone(this.log, this.work));
  }

  /** Resolves when everything is on the server; rejects where it is not taken. */
  async flush(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await this.flight;
    if (this.turn !== this.sent && !this.theirs) await this.save();
    if (this.saving !== "saved") throw new Refusal(this.trouble || "The draft is not saved.", 0);
  }

  /** Tries at once what was not answered, now that there is somebody to answer. */
  again(): void {
    if (this.saving === "failed") void this.save();
  }

  /** Another person's save, seen before we changed anything ourselves. */
  adopt(draft: Draft): void {
    if (this.turn !== this.sent || this.theirs) return;
    this.draft = draft;
    this.work = workOf(draft);
    this.log = logFrom(draft.history);
    this.reason = draft.reason;
    this.orderRef = draft.order_ref;
    this.changed();
  }

  /** Ends a clash. Neither is lost: the one that is not gone on with is one step away, by redo or undo. */
  settle(goOnWith: "mine" | "theirs"): void {
    const theirs = this.theirs;
    if (!theirs) return;
    const [before, mine] = [workOf(theirs), this.work];
    const log = pushed(logFrom(theirs.history), `my version beside ${theirs.author}'s`, before, mine);
    // Words are in no undo: where only one of the two wrote some, they are kept.
    const words = (mine: string, base: string, other: string) => (mine === base ? other : other === base || goOnWith === "mine" ? mine : other);
    this.reason = words(this.reason, this.draft.reason, theirs.reason);
    this.orderRef = words(this.orderRef, this.draft.order_ref, theirs.order_ref);
    this.theirs = null;
    this.draft = theirs;
    this.trouble = "";
    if (goOnWith === "mine") {
      this.log = log;
    } else {
      this.work = before;
      this.log = { ...log, done: Math.max(0, log.done - 1) };
    }
    this.saving = "saved";
    this.touch();
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private step(after: Work, words: string): void {
    const log = pushed(this.log, words, this.work, after);
    if (log === this.log) return;
    this.log = log;
    this.work = after;
    this.touch();
  }

  private back(found: { log: Log; work: Work; words: string } | null): string | null {
    if (!found || this.isLocked) return null;
    this.log = found.log;
    this.work = found.work;
    this.touch();
    return found.words;
  }

  private touch(): void {
    this.turn++;
    if (this.saving !== "clash") this.saving = "waiting";
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.save(), SAVE_AFTER_MS);
    this.changed();
  }

  private save(): Promise<void> {
    this.flight ??= this.keep().finally(() => (this.flight = null));
    return this.flight;
  }

  private async keep(): Promise<void> {
    if (this.theirs) return;
    const turn = this.turn;
    this.saving = "saving";
    this.log = fitting(this.log, MOST_HISTORY);
    this.changed();
    try {
      this.draft = await this.keeper.save(this.draft.draft_id, {
        revision: this.draft.revision,
        parts: this.parts.map(sentPart),
        ...this.work.fields,
        reason: this.reason,
        order_ref: this.orderRef,
        history: this.log,
      });
      this.sent = turn;
      this.trouble = "";
      this.saving = "saved";
    } catch (error) {
      this.trouble = wordsOf(error);
      if (error instanceof Clash) {
        this.theirs = error.theirs;
        this.saving = "clash";
      } else {
        this.saving = "failed";
        // Only where nobody answered: what was refused once is refused again.
        if (!(error instanceof Refusal) || error.status === 0 || error.status >= 500) {
          this.timer = setTimeout(() => void this.save(), AGAIN_AFTER_MS);
        }
      }
    }
    if (this.turn !== turn && this.saving === "saved") this.touchAgain();
    this.changed();
  }

  /** Something changed while the last save was on its way. */
  private touchAgain(): void {
    this.saving = "waiting";
    this.timer = setTimeout(() => void this.save(), 0);
  }
}

export function workOf(draft: Draft): Work {
  const { kind, buffer_m, schedule, permissions, valid_from } = draft;
  return { parts: draft.parts, fields: { kind, buffer_m, schedule, permissions, valid_from } satisfies Fields };
}
