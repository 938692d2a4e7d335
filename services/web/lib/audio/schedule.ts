// Schedules a timeline, which may still grow, on the clock of an audio context. Pure.
//
// Every time is computed from ticks, not measured, so times do not drift. A loop is scheduled pass by
// pass. At the end of an incomplete timeline the schedule waits for more notes.
import type { Note, TempoMark } from "@/lib/api/types";
import { barAt, type Bars, beatsOf, isWhole } from "@/lib/music/bars";
import type { Track } from "@/lib/music/clip";
import { type Range, secondsAt, secondsPerTick, tempoAt } from "@/lib/music/time";

import type { TimedNote } from "./voice";

export interface Timeline {
  /** The tracks, each with its notes sorted by onset. */
  tracks: readonly Track[];
  /** In order of time; the first one is at 0. */
  tempos: readonly TempoMark[];
  /** The bars in which the metronome counts. */
  bars: Bars;
  /** End of the notes that have arrived, in ticks. */
  end: number;
  /** Whether the timeline does not grow any more. */
  isComplete: boolean;
  loop: Range | null;
}

export interface ScheduledNote extends TimedNote {
  kind: "note";
}

export interface ScheduledClick {
  kind: "click";
  startsAt: number;
  isDownbeat: boolean;
}

/** A scheduled range of ticks with one tempo and no jump. */
interface Segment {
  time: number;
  tick: number;
  ticks: number;
  secondsPerTick: number;
}

/** Seconds by which the first note after an underrun is delayed, so that it is not late. */
const UNDERRUN_DELAY = 0.08;

export class Schedule {
  timeline: Timeline;
  #tick: number;
  #time: number;
  #segments: Segment[] = [];

  constructor(timeline: Timeline, tick: number, time: number) {
    this.timeline = timeline;
    this.#tick = tick;
    this.#time = time;
  }

  /** The time at which playback ends; null while the timeline can grow, loops or has unscheduled notes. */
  get endsAt(): number | null {
    const { end, isComplete, loop } = this.timeline;
    return isComplete && loop === null && this.#tick >= end ? this.#time : null;
  }

  /** Schedules what is due before `until` and returns it. */
  plan(now: number, until: number): (ScheduledNote | ScheduledClick)[] {
    const due: (ScheduledNote | ScheduledClick)[] = [];
    if (this.#time < now) this.#time = this.#hasStarted() ? now + UNDERRUN_DELAY : now;
    while (this.#time < until) {
      const segment = this.#nextSegment(until);
      if (segment === null) break;
      due.push(...scheduleNotes(this.timeline, segment), ...scheduleClicks(this.timeline, segment));
    }
    return due.sort((a, b) => a.startsAt - b.startsAt);
  }

  /** The position in ticks at a time of the context's clock. */
  tickAt(time: number): number {
    const segment = this.#segments.findLast((candidate) => candidate.time <= time);
    if (segment === undefined) return this.#segments[0]?.tick ?? this.#tick;
    return segment.tick + Math.min(segment.ticks, (time - segment.time) / segment.secondsPerTick);
  }

  #hasStarted(): boolean {
    return this.#segments.length > 0;
  }

  #nextSegment(until: number): Segment | null {
    const { end, tempos, loop } = this.timeline;
    if (loop !== null && this.#tick >= loop.to && loop.from < end) this.#tick = loop.from;
    const { tempo, until: tempoEnd } = tempoAt(tempos, this.#tick);
    const last = Math.min(end, tempoEnd, loop !== null && this.#tick < loop.to ? loop.to : Infinity);
    const perTick = secondsPerTick(tempo);
    const ticks = Math.min(last - this.#tick, Math.ceil((until - this.#time) / perTick));
    if (ticks <= 0) return null;
    const segment = { time: this.#time, tick: this.#tick, ticks, secondsPerTick: perTick };
    this.#segments = [...this.#segments.slice(-64), segment];
    this.#tick += ticks;
    this.#time += ticks * perTick;
    return segment;
  }
}

function scheduleNotes({ tracks, tempos }: Timeline, { time, tick, ticks, secondsPerTick: perTick }: Segment): ScheduledNote[] {
  return tracks.flatMap(({ notes, program, is_drum: isDrum }, track) => {
    const first = firstNoteFrom(notes, tick);
    return notes.slice(first, firstNoteFrom(notes, tick + ticks)).map(([start, duration, pitch, velocity]): ScheduledNote => {
      const seconds = secondsAt(tempos, start + duration) - secondsAt(tempos, start);
      return { kind: "note", startsAt: time + (start - tick) * perTick, seconds, pitch, velocity, track, isDrum, program };
    });
  });
}

function scheduleClicks({ bars }: Timeline, { time, tick, ticks, secondsPerTick: perTick }: Segment): ScheduledClick[] {
  if (bars.length === 0) return [];
  return bars.slice(barAt(bars, tick), barAt(bars, tick + ticks - 1) + 1).flatMap((bar) =>
    beatsOf(bar)
      .filter((beat) => beat >= tick && beat < tick + ticks)
      .map((beat): ScheduledClick => ({ kind: "click", startsAt: time + (beat - tick) * perTick, isDownbeat: beat === bar[0] && isWhole(bar) })),
  );
}

/** Index of the first note that begins at or after a tick. */
export function firstNoteFrom(notes: readonly Note[], tick: number): number {
  let low = 0;
  let high = notes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((notes[middle] as Note)[0] < tick) low = middle + 1;
    else high = middle;
  }
  return low;
}
