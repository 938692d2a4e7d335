// What sounds when: a score that may still be growing, laid out on the clock of an audio context.
//
// Pure. Every time is computed from ticks, ahead of when it is due; nothing is measured, so nothing
// drifts. A loop is laid out turn after turn. Where the score is not written yet, time stands still.
import type { Note } from "@/lib/api/wire";
import { type Range, secondsPerTick, TICKS_PER_BAR, TICKS_PER_QUARTER } from "@/lib/music/time";

export interface Score {
  /** In order of onset. */
  notes: readonly Note[];
  tempo: number;
  /** How far it is written, in ticks. */
  end: number;
  /** Nothing more will come. */
  isComplete: boolean;
  loop: Range | null;
}

export interface Strike {
  kind: "note";
  /** Seconds on the context's clock. */
  at: number;
  seconds: number;
  pitch: number;
  velocity: number;
}

export interface Click {
  kind: "click";
  at: number;
  isDownbeat: boolean;
}

interface Stretch {
  time: number;
  tick: number;
  ticks: number;
  secondsPerTick: number;
}

/** After the score ran out: what a new note gets, so that it is not late. */
const BREATH = 0.08;

export class Schedule {
  score: Score;
  #tick: number;
  #time: number;
  #stretches: Stretch[] = [];

  constructor(score: Score, tick: number, time: number) {
    this.score = score;
    this.#tick = tick;
    this.#time = time;
  }

  /** When everything that was laid out has sounded, if the score is complete. */
  get endsAt(): number | null {
    const { end, isComplete, loop } = this.score;
    return isComplete && loop === null && this.#tick >= end ? this.#time : null;
  }

  /** What is due before `until` and was not laid out yet. */
  plan(now: number, until: number): (Strike | Click)[] {
    const due: (Strike | Click)[] = [];
    if (this.#time < now) this.#time = this.#isWaiting() ? now + BREATH : now;
    while (this.#time < until) {
      const stretch = this.#next(until);
      if (stretch === null) break;
      due.push(...strikes(this.score.notes, stretch), ...clicks(stretch));
    }
    return due.sort((a, b) => a.at - b.at);
  }

  /** Where a listener is at this time. */
  tickAt(time: number): number {
    const stretch = this.#stretches.findLast((each) => each.time <= time);
    if (stretch === undefined) return this.#stretches[0]?.tick ?? this.#tick;
    return stretch.tick + Math.min(stretch.ticks, (time - stretch.time) / stretch.secondsPerTick);
  }

  #isWaiting(): boolean {
    return this.#stretches.length > 0;
  }

  #next(until: number): Stretch | null {
    const { end, tempo, loop } = this.score;
    if (loop !== null && this.#tick >= loop.to && loop.from < end) this.#tick = loop.from;
    const last = loop !== null && this.#tick < loop.to ? Math.min(end, loop.to) : end;
    const perTick = secondsPerTick(tempo);
    const ticks = Math.min(last - this.#tick, Math.ceil((until - this.#time) / perTick));
    if (ticks <= 0) return null;
    const stretch = { time: this.#time, tick: this.#tick, ticks, secondsPerTick: perTick };
    this.#stretches = [...this.#stretches.slice(-64), stretch];
    this.#tick += ticks;
    this.#time += ticks * perTick;
    return stretch;
  }
}

function strikes(notes: readonly Note[], { time, tick, ticks, secondsPerTick: perTick }: Stretch): Strike[] {
  const due: Strike[] = [];
  for (let i = firstFrom(notes, tick); i < notes.length; i++) {
    const [start, duration, pitch, velocity] = notes[i] as Note;
    if (start >= tick + ticks) break;
    const at = time + (start - tick) * perTick;
    due.push({ kind: "note", at, seconds: duration * perTick, pitch, velocity });
  }
  return due;
}

function clicks({ time, tick, ticks, secondsPerTick: perTick }: Stretch): Click[] {
  const due: Click[] = [];
  const first = Math.ceil(tick / TICKS_PER_QUARTER) * TICKS_PER_QUARTER;
  for (let beat = first; beat < tick + ticks; beat += TICKS_PER_QUARTER) {
    due.push({ kind: "click", at: time + (beat - tick) * perTick, isDownbeat: beat % TICKS_PER_BAR === 0 });
  }
  return due;
}

/** Index of the first note that begins at or after a tick. */
export function firstFrom(notes: readonly Note[], tick: number): number {
  let low = 0;
  let high = notes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((notes[middle] as Note)[0] < tick) low = middle + 1;
    else high = middle;
  }
  return low;
}
