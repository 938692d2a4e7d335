// Plays a score that may still be growing: looks a little ahead, and hands what is due to a voice.
//
// Holds no React and no server: it is told what there is, and tells where it is.
import { lengthOf, type Piece } from "@/lib/music/piece";
import { type Range } from "@/lib/music/time";

import { click } from "./metronome";
import { Oscillators } from "./oscillators";
import { Schedule, type Score } from "./schedule";
import type { Voice } from "./voice";

const AHEAD = 0.25;
/** Browsers wake a hidden page once a second. */
const AHEAD_HIDDEN = 2.5;
const INTERVAL = 40;
const START = 0.06;

export interface Settings {
  tempo: number;
  program: number;
  /** 0 to 1. */
  volume: number;
  isMuted: boolean;
  hasMetronome: boolean;
  loop: Range | null;
}

export type Material = Pick<Score, "notes" | "end" | "isComplete">;

export const NOTHING: Material = { notes: [], end: 0, isComplete: true };

/** A piece that does not grow any more. */
export const wholeOf = (piece: Pick<Piece, "notes" | "bars">): Material => ({ notes: piece.notes, end: lengthOf(piece), isComplete: true });

const SETTINGS: Settings = { tempo: 120, program: 0, volume: 0.8, isMuted: false, hasMetronome: false, loop: null };

export class Player {
  #context: AudioContext | null = null;
  #master: GainNode | null = null;
  #voice: Voice | null = null;
  #material = NOTHING;
  #settings = SETTINGS;
  #schedule: Schedule | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #rest = 0;
  readonly #listeners = new Set<() => void>();

  get isPlaying(): boolean {
    return this.#schedule !== null;
  }

  get context(): AudioContext | null {
    return this.#context;
  }

  /** null until something sounded. */
  get voice(): Voice | null {
    return this.#voice;
  }

  /** In ticks, as heard now. */
  get position(): number {
    if (this.#schedule === null || this.#context === null) return this.#rest;
    return this.#schedule.tickAt(this.#context.currentTime - (this.#context.outputLatency || 0));
  }

  /** Told whenever it starts, stops or sounds in another way. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  load(material: Material): void {
    this.#material = material;
    this.#refresh();
  }

  set(settings: Settings): void {
    const hasOtherSound = settings.program !== this.#settings.program;
    this.#settings = settings;
    this.#refresh();
    if (this.#master !== null && this.#context !== null) {
      const gain = settings.isMuted ? 0 : settings.volume ** 2;
      this.#master.gain.setTargetAtTime(gain, this.#context.currentTime, 0.015);
    }
    if (hasOtherSound && this.isPlaying) this.seek(this.position);
  }

  /** Another way to sound; null is the oscillators. */
  use(voice: Voice | null): void {
    const wasPlaying = this.isPlaying;
    const position = this.position;
    this.#stop();
    if (this.#context !== null && this.#master !== null) {
      this.#voice = voice ?? new Oscillators(this.#context, this.#master);
    }
    this.#rest = position;
    if (wasPlaying) this.#start();
    this.#tell();
  }

  /** Browsers let sound begin inside a click or a key press: call it there. */
  open(): { context: AudioContext; output: AudioNode } {
    if (this.#context === null || this.#master === null) {
      this.#context = new AudioContext({ latencyHint: "interactive" });
      const compressor = new DynamicsCompressorNode(this.#context, { threshold: -10, ratio: 6 });
      this.#master = new GainNode(this.#context, { gain: this.#settings.volume ** 2 });
      this.#master.connect(compressor).connect(this.#context.destination);
      this.#voice = new Oscillators(this.#context, this.#master);
      this.set(this.#settings);
    }
    if (this.#context.state !== "running") void this.#context.resume();
    return { context: this.#context, output: this.#master };
  }

  play(): void {
    this.open();
    if (this.isPlaying) return;
    const { loop } = this.#settings;
    const { end, isComplete } = this.#material;
    if (loop !== null && (this.#rest < loop.from || this.#rest >= loop.to)) this.#rest = loop.from;
    else if (isComplete && this.#rest >= end) this.#rest = 0;
    this.#start();
  }

  pause(): void {
    const position = this.position;
    this.#stop();
    this.#rest = position;
    this.#tell();
  }

  seek(tick: number): void {
    const wasPlaying = this.isPlaying;
    this.#stop();
    this.#rest = Math.max(0, tick);
    if (wasPlaying) this.#start();
    this.#tell();
  }

  close(): void {
    this.#stop();
    void this.#context?.close();
    this.#context = this.#master = this.#voice = null;
  }

  get #score(): Score {
    const { tempo, loop } = this.#settings;
    return { ...this.#material, tempo, loop };
  }

  #refresh(): void {
    if (this.#schedule !== null) this.#schedule.score = this.#score;
  }

  #start(): void {
    if (this.#context === null) return;
    this.#schedule = new Schedule(this.#score, this.#rest, this.#context.currentTime + START);
    this.#pump();
    this.#timer = setInterval(() => this.#pump(), INTERVAL);
    this.#tell();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#schedule = null;
    this.#voice?.silence();
  }

  #pump(): void {
    const { context, schedule } = { context: this.#context, schedule: this.#schedule };
    if (context === null || schedule === null || context.state !== "running") return;
    const now = context.currentTime;
    for (const due of schedule.plan(now, now + (document.hidden ? AHEAD_HIDDEN : AHEAD))) {
      if (due.kind === "note") this.#voice?.play({ ...due, program: this.#settings.program });
      else if (this.#settings.hasMetronome && this.#master !== null) click(context, this.#master, due);
    }
    if (schedule.endsAt !== null && now > schedule.endsAt) {
      this.#stop();
      this.#rest = 0;
      this.#tell();
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
