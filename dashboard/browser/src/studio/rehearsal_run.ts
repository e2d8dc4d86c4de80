// The draft tried on what he really did: whoever began it, every page that has the draft open
// follows it to its end and shows what came out.

import { liveFeed } from "../live/feed.ts";
import type { Draft, Estimate, Hit, Job, Rehearsal } from "./answers.ts";
import { api, Refusal, wordsOf } from "./api.ts";
import type { Studio } from "./controller.ts";

/** The socket says when a job went on; asked all the same, should the link be down. */
const ASK_MS = 5_000;
const SLIDE_MS = 60;

export class RehearsalRun {
  job: Job | null = null;
  result: Rehearsal | null = null;
  trouble = "";
  days = 90;
  bufferM: number | null = null;
  /** By metres; what was answered once is not asked again. */
  readonly estimates = new Map<number, Estimate>();
  hit: Hit | null = null;
  /** The newest job of the draft that was heard of. */
  private jobId = 0;
  private following: Promise<void> | null = null;
  private resume = () => {};
  /** Said while the last question was on its way: asked again at once. */
  private isDue = false;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private turn = 0;
  private knownDraft = -1;
  private readonly deaf: () => void;
  private isStopped = false;

  constructor(
    private readonly studio: Studio,
    private readonly changed: () => void,
  ) {
    this.deaf = liveFeed().on("drafts", () => this.hear());
  }

  get isRunning(): boolean {
    return this.job !== null && (this.job.state === "running" || this.job.state === "waiting");
  }

  /** A result that was stored with this draft, and a job that runs, asked for once. */
  async recall(draft: Draft): Promise<void> {
    if (this.knownDraft === draft.draft_id) return;
    this.knownDraft = draft.draft_id;
    const found = await api.rehearsal(draft.draft_id).catch(() => null);
    if (found) this.take(found);
    if (draft.rehearsing) void this.follow(draft.rehearsing);
  }

  async start(): Promise<void> {
    const { session } = this.studio;
    if (!session || this.isRunning) return;
    this.trouble = "";
    this.job = { state: "waiting", done: 0, left_s: null, words: "Saving the draft" };
    this.changed();
    try {
      await session.flush();
      await this.follow((await api.rehearse(session.draft.draft_id, this.days)).job_id);
    } catch (error) {
      this.job = null;
      this.trouble = wordsOf(error);
    }
    this.changed();
  }

  async cancel(): Promise<void> {
    if (this.isRunning && this.jobId) await api.cancel(this.jobId).catch(() => null);
    this.wake();
  }

  /** Another buffer, answered anew; of a quick hand only the last place counts. */
  slide(bufferM: number): void {
    this.bufferM = bufferM;
    this.changed();
    if (this.timer) clearTimeout(this.timer);
    if (this.estimates.has(bufferM)) return;
    this.timer = setTimeout(() => void this.ask(bufferM), SLIDE_MS);
  }

  show(hit: Hit | null): void {
    this.hit = hit;
    this.studio.view.showHits(this.result?.draft.hits ?? [], hit);
    this.changed();
  }

  stop(): void {
    this.isStopped = true;
    this.turn++;
    this.deaf();
    this.wake();
    if (this.timer) clearTimeout(this.timer);
  }

  private async ask(bufferM: number): Promise<void> {
    const turn = ++this.turn;
    try {
      const found = await api.rehearsal(this.studio.session!.draft.draft_id, bufferM);
      for (const each of found?.buffers ?? []) this.estimates.set(each.buffer_m, each);
      if (turn === this.turn) this.changed();
    } catch (error) {
      this.trouble = wordsOf(error);
      this.changed();
    }
  }

  /** A job of this draft went on: one that is followed, or one that somebody else began. */
  private hear(): void {
    const draftId = this.studio.session?.draft.draft_id;
    const news = liveFeed().lastDrafts.rehearsals.filter((each) => each.draft_id === draftId);
    const newest = Math.max(0, ...news.map((each) => each.rehearsal_id));
    if (newest > this.jobId) void this.follow(newest).catch(() => null);
    else if (newest === this.jobId) this.wake();
  }

  private follow(jobId: number): Promise<void> {
    this.jobId = Math.max(this.jobId, jobId);
    this.wake();
    this.following ??= this.toTheEnd().finally(() => (this.following = null));
    return this.following;
  }

  /** Until the newest job has ended: an earlier one was cancelled by it. */
  private async toTheEnd(): Promise<void> {
    for (;;) {
      const jobId = this.jobId;
      this.isDue = false;
      const job = await patiently(api.job(jobId));
      if (this.isStopped) return;
      if (jobId === this.jobId && job) {
        this.job = job;
        this.changed();
        if (!this.isRunning) break;
      }
      if (jobId === this.jobId) await this.news();
    }
    const isDone = this.job?.state === "done";
    if (!isDone) this.trouble = this.job?.words ?? "";
    this.job = null;
    if (isDone) {
      const found = await api.rehearsal(this.studio.session!.draft.draft_id);
      if (found) this.take(found);
      await this.studio.refresh();
    }
    this.changed();
  }

  private news(): Promise<void> {
    if (this.isDue) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ASK_MS);
      this.resume = () => (clearTimeout(timer), resolve());
    });
  }

  private wake(): void {
    this.isDue = true;
    this.resume();
  }

  private take(found: Rehearsal): void {
    this.result = found;
    this.bufferM = found.draft.buffer_m;
    this.estimates.clear();
    for (const each of found.buffers) this.estimates.set(each.buffer_m, each);
    this.hit = null;
    this.trouble = "";
    this.studio.view.showHits(found.draft.hits, null);
    this.changed();
  }
}

/** The answer; null where nobody answered, for it is asked again. */
async function patiently<Answer>(asked: Promise<Answer>): Promise<Answer | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Refusal && (error.status === 0 || error.status >= 500)) return null;
    throw error;
  }
}
