// The zone that is open, its draft and what the server says of them, kept for every panel. No
// React in here: panels read it and call it. The map is in view.ts, drawing in hand.ts.

import type { Check, Compare, Door, Draft, Version, ZonePage } from "./answers.ts";
import { api, Clash, Refusal, wordsOf } from "./api.ts";
import type { Position } from "./geometry.ts";
import { Hand } from "./hand.ts";
import { onNews } from "./news.ts";
import { Session } from "./session.ts";
import type { Part } from "./shape.ts";
import { View } from "./view.ts";
import { isInForce } from "./words.ts";

const SAY_MS = 9_000;

export class Studio {
  session: Session | null = null;
  page: ZonePage | null = null;
  progress = "Loading the zone";
  said = "";
  compare: Compare | null = null;
  /** Two versions by their numbers where they are compared; null: the draft with what holds. */
  compared: { older: number; newer: number } | null = null;
  p95M: number | null = null;
  door: Door | null = null;
  readonly view: View;
  readonly hand: Hand;
  private readonly ears = new Set<() => void>();
  private comparedRevision = -1;
  private sayTimer: ReturnType<typeof setTimeout> | null = null;
  private deaf = () => {};
  /** The newest revision that this draft is said to have. */
  private heardRevision = 0;
  private isStopped = false;

  constructor(
    /** "d7" for a draft, "12" for a zone with its draft, "z12" for the zone as it holds. */
    private readonly which: string,
    theme: string | undefined,
  ) {
    this.view = new View(this, theme);
    this.hand = new Hand(this);
  }

  on(ear: () => void): () => void {
    this.ears.add(ear);
    return () => this.ears.delete(ear);
  }

  async start(container: HTMLElement): Promise<void> {
    await Promise.all([this.load(), this.view.load()]);
    if (this.isStopped) return;
    this.view.start(container, (map) => {
      this.hand.start(map);
      this.show();
    });
    this.deaf = onNews({
      draftId: () => this.session?.draft.draft_id ?? null,
      saved: (revision) => {
        this.heardRevision = Math.max(this.heardRevision, revision);
        void this.catchUp();
      },
      zones: () => {
        this.view.loadZones();
        void this.askVersions();
      },
      back: () => {
        this.session?.again();
        void this.catchUp(true);
      },
    });
    this.tell();
  }

  stop(): void {
    this.isStopped = true;
    this.session?.stop();
    this.view.stop();
    this.deaf();
    if (this.sayTimer) clearTimeout(this.sayTimer);
  }

  // ---- what is open

  async load(): Promise<void> {
    try {
      if (this.which.startsWith("d")) {
        this.open(await api.draft(Number(this.which.slice(1))));
      } else {
        this.page = await api.zone(Number(this.which.replace("z", "")));
        if (this.page.draft && !this.which.startsWith("z")) this.open(this.page.draft);
      }
      this.progress = "";
    } catch (error) {
      this.progress = wordsOf(error);
    }
    this.show();
  }

  /** The version in force, which a new one replaces. */
  get base(): Version | null {
    return this.session?.draft.base ?? this.page?.versions.find((each) => isInForce(each)) ?? null;
  }

  /** What holds; of a zone that has ended, what held last. */
  get shown(): Version | null {
    return this.base ?? this.page?.versions[0] ?? null;
  }

  get isLocked(): boolean {
    return !this.session || this.session.isLocked;
  }

  /** What is drawn; of a zone that nobody edits, its version that is shown. */
  get parts(): readonly Part[] {
    if (this.hand.live) return this.hand.live;
    if (this.session) return this.session.parts;
    const rings = (this.shown?.shape.coordinates ?? []) as Position[][][];
    return rings.map((each) => ({ how: "polygon", rings: each }));
  }

  get checks(): readonly Check[] {
    return this.session?.draft.checks ?? [];
  }

  open(draft: Draft): void {
    this.session?.stop();
    this.session = new Session(draft, () => this.changed());
    this.comparedRevision = -1;
    this.heardRevision = 0;
    this.hand.chosen = null;
    this.changed();
    void this.askDoor(draft.case_id);
    void this.askVersions();
  }

  /** The draft as the server has it now, where nothing of ours is on its way. */
  async refresh(): Promise<void> {
    const { session } = this;
    if (session) session.adopt(await api.draft(session.draft.draft_id));
  }

  /** Her door, as far as it may be seen just now; asked again after a reveal, by hand. */
  async askDoor(caseId: number): Promise<void> {
    this.door = await api.door(caseId).catch(() => null);
    this.show();
  }

  /** Does this and says what went wrong with it; answers whether nothing did. */
  async attempt(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      this.tell();
      return true;
    } catch (error) {
      if (error instanceof Clash && this.session) {
        this.session.theirs = error.theirs;
        this.session.saving = "clash";
      }
      this.say(wordsOf(error));
      return false;
    }
  }

  /** Ends a clash of two editors. */
  settle(goOnWith: "mine" | "theirs"): void {
    this.session?.settle(goOnWith);
    this.say(goOnWith === "mine" ? "Yours goes on. Theirs is one step back (Ctrl+Z)." : "Theirs goes on. Yours is one step forward (Ctrl+Shift+Z).");
  }

  /** What one of two versions has and the other has not, on the map and in figures. */
  async compareVersions(older: number, newer: number): Promise<void> {
    this.compare = await api.compareVersions(this.page!.zone.zone_id, older, newer);
    this.compared = { older, newer };
    this.view.showCompare(this.compare);
    this.show();
  }

  /** Back to what the draft would change; without a draft, to what holds. */
  endCompare(): void {
    if (!this.compared) return;
    this.compare = this.compared = null;
    this.comparedRevision = -1;
    this.view.showCompare(null);
    this.changed();
  }

  say(words: string): void {
    this.said = words;
    if (this.sayTimer) clearTimeout(this.sayTimer);
    this.sayTimer = setTimeout(() => ((this.said = ""), this.tell()), SAY_MS);
    this.tell();
  }

  /** Everything on the screen as it is now. */
  show(): void {
    this.hand.follow();
    this.view.show();
    this.tell();
  }

  /** The panels, and the drawing under a moving hand. */
  tell(): void {
    if (this.hand.live) this.view.showLive();
    for (const ear of this.ears) ear();
  }

  // ---- what the server says

  private changed(): void {
    this.show();
    const { session } = this;
    void this.catchUp();
    if (session?.saving === "saved" && session.draft.revision !== this.comparedRevision) {
      this.comparedRevision = session.draft.revision;
      void this.measureOnServer(session.draft);
    }
  }

  /** The versions there are by now: a signature or an emergency made another. */
  private async askVersions(): Promise<void> {
    const zoneId = this.session?.draft.zone_id ?? this.page?.zone.zone_id;
    const found = zoneId ? await api.zone(zoneId).catch(() => null) : null;
    if (!found || this.isStopped) return;
    this.page = found;
    this.show();
  }

  /** What only the database can tell of the draft that was just saved. */
  private async measureOnServer(draft: Draft): Promise<void> {
    if (draft.parts.length === 0) return;
    const isNow = () => this.session?.draft.revision === draft.revision;
    if (draft.base && !this.compared) {
      const found = await api.compareDraft(draft.draft_id).catch(() => null);
      if (found && isNow() && !this.compared) {
        this.compare = found;
        this.view.showCompare(found);
        this.tell();
      }
    }
    const halo = await api.halo(draft.draft_id).catch(() => null);
    if (halo && isNow()) {
      this.p95M = halo.p95_m;
      this.show();
    }
  }

  /** What somebody else has saved of this draft meanwhile. Ours go out first, and may clash. */
  private async catchUp(isAsked = false): Promise<void> {
    const { session } = this;
    if (!session || session.saving !== "saved" || this.hand.isDrawing) return;
    if (!isAsked && this.heardRevision <= session.draft.revision) return;
    try {
      const newest = await api.draft(session.draft.draft_id);
      if (this.session !== session || session.saving !== "saved" || newest.revision <= session.draft.revision) return;
      const before = session.draft.state;
      session.adopt(newest);
      // Sent, signed, dropped: the bar below says so.
      if (newest.state === before) this.say(`${newest.author} changed this draft; you see it as it is now.`);
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) this.say("This draft is no longer there.");
    }
  }
}
