// Plays notes, which may still arrive during playback, on a voice.
import { type Clip, lengthInTicks, temposOf, tracksOf } from "@/lib/music/clip";
import type { Range } from "@/lib/music/time";

import { playClick } from "./metronome";
import { OscillatorSynth } from "./oscillatorSynth";
import { Schedule, type Timeline } from "./schedule";
import type { Voice } from "./voice";

/** Seconds that are scheduled in advance. */
const LOOKAHEAD = 0.25;
/** Seconds that are scheduled in advance on a hidden page, whose timers browsers limit to one call per second. */
const LOOKAHEAD_HIDDEN = 2.5;
const SCHEDULE_INTERVAL_MS = 40;
/** Seconds between pressing play and the first note. */
const START_DELAY = 0.06;

export interface PlayerSettings {
  /** Volume from 0 to 1. */
  volume: number;
  isMuted: boolean;
  hasMetronome: boolean;
  /** Whether the tracks other than that of the clip play. */
  hasOtherTracks: boolean;
  loop: Range | null;
}

export interface NoteSource extends Omit<Timeline, "loop"> {
  /** Index of the track that is the clip. */
  track: number;
}

export const EMPTY_SOURCE: NoteSource = { tracks: [], track: 0, tempos: [], bars: [], end: 0, isComplete: true };

/** The notes of a finished clip, and the other tracks of its file. */
export const completeSource = (clip: Clip): NoteSource => ({ tracks: tracksOf(clip), track: clip.file?.track ?? 0, tempos: temposOf(clip), bars: clip.bars, end: lengthInTicks(clip), isComplete: true });

export const DEFAULT_PLAYER_SETTINGS: PlayerSettings = { volume: 0.8, isMuted: false, hasMetronome: false, hasOtherTracks: true, loop: null };

export class Player {
  #context: AudioContext | null = null;
  #master: GainNode | null = null;
  #voice: Voice | null = null;
  #source = EMPTY_SOURCE;
  #settings = DEFAULT_PLAYER_SETTINGS;
  #schedule: Schedule | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #pausedAt = 0;
  readonly #listeners = new Set<() => void>();

  get isPlaying(): boolean {
    return this.#schedule !== null;
  }

  /** The current voice; null before the first playback. */
  get voice(): Voice | null {
    return this.#voice;
  }

  /** Playback position in ticks, corrected for the output latency. */
  get position(): number {
    if (this.#schedule === null || this.#context === null) return this.#pausedAt;
    return this.#schedule.tickAt(this.#context.currentTime - (this.#context.outputLatency || 0));
  }

  /** Calls the listener when playback starts or stops, or the voice changes. Returns the function that unsubscribes. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  load(source: NoteSource): void {
    const program = this.#program;
    this.#source = source;
    this.#updateSchedule();
    if (program !== this.#program && this.isPlaying) this.seek(this.position);
  }

  configure(settings: PlayerSettings): void {
    this.#settings = settings;
    this.#updateSchedule();
    if (this.#master !== null && this.#context !== null) {
      const gain = settings.isMuted ? 0 : settings.volume ** 2;
      this.#master.gain.setTargetAtTime(gain, this.#context.currentTime, 0.015);
    }
  }

  /** Changes the voice; null selects the oscillators. */
  setVoice(voice: Voice | null): void {
    const wasPlaying = this.isPlaying;
    const position = this.position;
    this.#stop();
    if (this.#context !== null && this.#master !== null) {
      this.#voice = voice ?? new OscillatorSynth(this.#context, this.#master);
    }
    this.#pausedAt = position;
    if (wasPlaying) this.#start();
    this.#notify();
  }

  /** Creates or resumes the audio context. Call it in the handler of a click or key press: browsers start sound only there. */
  ensureContext(): { context: AudioContext; output: AudioNode } {
    if (this.#context === null || this.#master === null) {
      this.#context = new AudioContext({ latencyHint: "interactive" });
      const compressor = new DynamicsCompressorNode(this.#context, { threshold: -10, ratio: 6 });
      this.#master = new GainNode(this.#context, { gain: this.#settings.volume ** 2 });
      this.#master.connect(compressor).connect(this.#context.destination);
      this.#voice = new OscillatorSynth(this.#context, this.#master);
      this.configure(this.#settings);
    }
    if (this.#context.state !== "running") void this.#context.resume();
    return { context: this.#context, output: this.#master };
  }

  play(): void {
    this.ensureContext();
    if (this.isPlaying) return;
    const { loop } = this.#settings;
    const { end, isComplete } = this.#source;
    if (loop !== null && (this.#pausedAt < loop.from || this.#pausedAt >= loop.to)) this.#pausedAt = loop.from;
    else if (isComplete && this.#pausedAt >= end) this.#pausedAt = 0;
    this.#start();
  }

  pause(): void {
    const position = this.position;
    this.#stop();
    this.#pausedAt = position;
    this.#notify();
  }

  seek(tick: number): void {
    const wasPlaying = this.isPlaying;
    this.#stop();
    this.#pausedAt = Math.max(0, tick);
    if (wasPlaying) this.#start();
    this.#notify();
  }

  get #program(): number | undefined {
    return this.#source.tracks[this.#source.track]?.program;
  }

  get #timeline(): Timeline {
    return { ...this.#source, loop: this.#settings.loop };
  }

  #updateSchedule(): void {
    if (this.#schedule !== null) this.#schedule.timeline = this.#timeline;
  }

  #start(): void {
    if (this.#context === null) return;
    this.#schedule = new Schedule(this.#timeline, this.#pausedAt, this.#context.currentTime + START_DELAY);
    this.#scheduleDue();
    this.#timer = setInterval(() => this.#scheduleDue(), SCHEDULE_INTERVAL_MS);
    this.#notify();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#schedule = null;
    this.#voice?.stopAll();
  }

  #scheduleDue(): void {
    const { context, schedule } = { context: this.#context, schedule: this.#schedule };
    if (context === null || schedule === null || context.state !== "running") return;
    const now = context.currentTime;
    for (const due of schedule.plan(now, now + (document.hidden ? LOOKAHEAD_HIDDEN : LOOKAHEAD))) {
      if (due.kind === "note") {
        if (due.track === this.#source.track || this.#settings.hasOtherTracks) this.#voice?.play(due);
      } else if (this.#settings.hasMetronome && this.#master !== null) playClick(context, this.#master, due);
    }
    if (schedule.endsAt !== null && now > schedule.endsAt) {
      this.#stop();
      this.#pausedAt = 0;
      this.#notify();
    }
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
