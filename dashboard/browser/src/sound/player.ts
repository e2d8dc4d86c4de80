// Makes the sound: Web Audio, synthesised, no file to load. Knows whether it can be heard.

import { after, BEAT_MS } from "../live/beat.ts";
import { burst } from "./patterns.ts";

/** Partials of a pulse: the fundamental and three more, all below 4 kHz. */
const PARTIALS = [1, 0.5, 0.25, 0.12];
const RAMP_S = 0.025;
const LEVEL = 0.25;
const TICK_LEVEL = 0.0005;
/** Long, because a busy machine begins late. */
const TICK_S = 2;

export class Player {
  private context: AudioContext | null = null;
  private ear: AnalyserNode | null = null;
  private voices: { stop(): void }[] = [];

  /** Must be called from a click or a key press; where the browser allows it, without one as well. */
  async arm(): Promise<boolean> {
    try {
      this.context ??= new AudioContext();
      if (!this.ear) {
        this.ear = this.context.createAnalyser();
        this.ear.connect(this.context.destination);
      }
      if (this.context.state !== "running") {
        // Without a gesture the promise may never settle.
        await Promise.race([this.context.resume(), new Promise((done) => setTimeout(done, 500))]);
      }
    } catch {
      return false;
    }
    return this.isRunning;
  }

  get isRunning(): boolean {
    return this.context?.state === "running";
  }

  /** Plays a burst at once, instead of whatever sounds. */
  play(priority: number, gainDb = 0): boolean {
    if (!this.context || !this.ear || !this.isRunning) return false;
    this.hush();
    const start = this.context.currentTime + 0.02;
    for (const pulse of burst(priority)) {
      this.pulse(start + pulse.atS, pulse.lengthS, pulse.hz, LEVEL * pulse.loudness * 10 ** (gainDb / 20));
    }
    return true;
  }

  hush(): void {
    for (const voice of this.voices) {
      try {
        voice.stop();
      } catch {
        // It had ended by itself.
      }
    }
    this.voices = [];
  }

  /** Whether a tick nobody hears went through the whole of the way: the clock runs, signal arrives. */
  async test(): Promise<boolean> {
    const { context, ear } = this;
    if (!context || !ear || !this.isRunning) return false;
    const before = context.currentTime;
    this.pulse(before, TICK_S, 440, TICK_LEVEL);
    const heard = new Float32Array(ear.fftSize);
    for (let waitedS = 0; waitedS < TICK_S; waitedS += BEAT_MS / 1000) {
      await new Promise<void>((done) => after(BEAT_MS, done));
      ear.getFloatTimeDomainData(heard);
      if (context.currentTime > before && heard.some((sample) => sample !== 0)) return true;
    }
    return false;
  }

  private pulse(atS: number, lengthS: number, hz: number, level: number): void {
    const context = this.context!;
    const gain = context.createGain();
    gain.gain.setValueAtTime(0, atS);
    gain.gain.linearRampToValueAtTime(level, atS + RAMP_S);
    gain.gain.setValueAtTime(level, atS + lengthS - RAMP_S);
    gain.gain.linearRampToValueAtTime(0, atS + lengthS);
    gain.connect(this.ear!);
    PARTIALS.forEach((share, index) => {
      const partial = context.createGain();
      partial.gain.value = share / 2;
      partial.connect(gain);
      const tone = context.createOscillator();
      tone.frequency.value = hz * (index + 1);
      tone.connect(partial);
      tone.start(atS);
      tone.stop(atS + lengthS);
      this.voices.push(tone);
    });
  }
}
