// Speaks after a burst, with the browser's own synthesis and with voices of this machine only: one
// that is fetched from elsewhere would carry case codes out of the house.

import { after } from "../live/beat.ts";
import type { AlertRow } from "../live/alerts.ts";
import { spokenWords } from "./words.ts";

/** What of speechSynthesis is used; a test hands in its own. */
export interface Synth {
  getVoices(): { lang: string; localService: boolean }[];
  speak(utterance: Utterance): void;
  cancel(): void;
}

export interface Utterance {
  voice: unknown;
  lang: string;
  onend: ((event: never) => unknown) | null;
}

const LANGUAGE = "en";
const BREATH_MS = 250;
/** A machine whose synthesis never comes to its end is not asked for ever. */
const MOST_TRIES = 2;

export class Voice {
  private readonly said = new Set<string>();
  private readonly tries = new Map<string, number>();
  private stopWaiting: () => void = () => {};

  constructor(
    private readonly synth: Synth | undefined = globalThis.speechSynthesis as Synth | undefined,
    private readonly utter: (words: string) => Utterance = (words) => new SpeechSynthesisUtterance(words),
  ) {}

  /** Whether this machine has a voice of its own; the browser may learn of one a little late. */
  get isThere(): boolean {
    return this.find() !== null;
  }

  /** Says these alerts once the burst is over: each once, and again only if it was cut short. */
  tell(rows: readonly AlertRow[], burstMs: number, isDemo = false): void {
    const news = rows.filter((row) => row.priority === 1 && !this.said.has(keyOf(row)) && (this.tries.get(keyOf(row)) ?? 0) < MOST_TRIES);
    if (news.length === 0) return;
    this.say(`${isDemo ? "Demonstration. " : ""}${spokenWords(news)}`, burstMs, () => {
      for (const row of news) this.said.add(keyOf(row));
    });
    for (const row of news) this.tries.set(keyOf(row), (this.tries.get(keyOf(row)) ?? 0) + 1);
  }

  /** Says this after so many milliseconds. Whatever goes wrong, the tones go on. */
  say(words: string, afterMs: number, done: () => void = () => {}): void {
    this.hush();
    this.stopWaiting = after(afterMs + BREATH_MS, () => {
      const voice = this.find();
      if (!voice || !this.synth) return;
      try {
        const utterance = this.utter(words);
        // Named, never left to the browser: its own choice may be a voice from elsewhere.
        utterance.voice = voice;
        utterance.lang = voice.lang;
        utterance.onend = done;
        this.synth.speak(utterance);
      } catch (error) {
        console.warn("Vigil voice:", error instanceof Error ? error.message : error);
      }
    });
  }

  hush(): void {
    this.stopWaiting();
    try {
      this.synth?.cancel();
    } catch {
      // It had nothing to say.
    }
  }

  private find(): { lang: string; localService: boolean } | null {
    try {
      return this.synth?.getVoices().find((voice) => voice.localService && voice.lang.toLowerCase().startsWith(LANGUAGE)) ?? null;
    } catch {
      return null;
    }
  }
}

// Back in the room it is news again.
function keyOf(row: AlertRow): string {
  return `${row.alert_id}:${row.waiting_since ?? ""}`;
}
