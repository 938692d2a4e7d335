// A clip (notes, length, tempo and instrument) and functions that edit it, which return new clips.
import type { Note } from "@/lib/api/types";

import { type Range, TICKS_PER_BAR } from "./time";

export interface Clip {
  notes: readonly Note[];
  bars: number;
  tempo: number;
  /** General MIDI program, counted from 0. */
  instrument: number;
}

/** Number of bars up to the end of the last note. */
export const countBars = (notes: readonly Note[]): number =>
  Math.ceil(notes.reduce((end, [start, duration]) => Math.max(end, start + duration), 0) / TICKS_PER_BAR);

export const lengthInTicks = ({ bars }: Pick<Clip, "bars">): number => bars * TICKS_PER_BAR;

const byOnset = (a: Note, b: Note): number => a[0] - b[0] || a[2] - b[2];

/** Transposes a clip; null if a note would leave the MIDI range. */
export function transpose(clip: Clip, semitones: number): Clip | null {
  const notes = clip.notes.map(
    ([start, duration, pitch, velocity]): Note => [start, duration, pitch + semitones, velocity],
  );
  return notes.some(([, , pitch]) => pitch < 0 || pitch > 127) ? null : { ...clip, notes };
}

/** The notes that start before a tick; notes that are held across the tick end there. */
export function notesBefore(notes: readonly Note[], tick: number): Note[] {
  return notes
    .filter(([start]) => start < tick)
    .map(([start, duration, pitch, velocity]) => [start, Math.min(duration, tick - start), pitch, velocity]);
}

/** The notes that start inside a range. */
export const notesIn = (notes: readonly Note[], range: Range): Note[] =>
  notes.filter(([start]) => start >= range.from && start < range.to);

/** Replaces the notes in a range. Notes that are held across a bound of the range end there. */
export function replaceRange(clip: Clip, range: Range, notes: readonly Note[]): Clip {
  const earlier = notesBefore(clip.notes, range.from);
  const later = clip.notes.filter(([start]) => start >= range.to);
  return { ...clip, notes: [...earlier, ...notesBefore(notesIn(notes, range), range.to), ...later].sort(byOnset) };
}

/** Moves notes in time. */
export const shiftNotes = (notes: readonly Note[], ticks: number): Note[] =>
  notes.map(([start, duration, pitch, velocity]) => [start + ticks, duration, pitch, velocity]);
