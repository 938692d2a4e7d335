// A piece: notes, tempo and instrument, and what a person does to it. Nothing here changes a piece;
// everything makes a new one.
import type { Note } from "@/lib/api/wire";

import { type Range, TICKS_PER_BAR } from "./time";

export interface Piece {
  notes: readonly Note[];
  bars: number;
  tempo: number;
  instrument: number;
}

/** Bars in which something sounds, and those before them. */
export const barsIn = (notes: readonly Note[]): number =>
  Math.ceil(notes.reduce((end, [start, duration]) => Math.max(end, start + duration), 0) / TICKS_PER_BAR);

export const lengthOf = ({ bars }: Pick<Piece, "bars">): number => bars * TICKS_PER_BAR;

const byOnset = (a: Note, b: Note): number => a[0] - b[0] || a[2] - b[2];

/** Higher by so many semitones; null if a note would leave MIDI's range. */
export function transpose(piece: Piece, semitones: number): Piece | null {
  const notes = piece.notes.map(
    ([start, duration, pitch, velocity]): Note => [start, duration, pitch + semitones, velocity],
  );
  return notes.some(([, , pitch]) => pitch < 0 || pitch > 127) ? null : { ...piece, notes };
}

/** What sounds before a bar line; a note that is held over it ends there. */
export function before(notes: readonly Note[], tick: number): Note[] {
  return notes
    .filter(([start]) => start < tick)
    .map(([start, duration, pitch, velocity]) => [start, Math.min(duration, tick - start), pitch, velocity]);
}

/** The notes that begin inside a range. */
export const within = (notes: readonly Note[], range: Range): Note[] =>
  notes.filter(([start]) => start >= range.from && start < range.to);

/** Other notes in a range; what lies outside of it stays as it is, and nothing reaches into it. */
export function replace(piece: Piece, range: Range, notes: readonly Note[]): Piece {
  const kept = before(piece.notes, range.from);
  const after = piece.notes.filter(([start]) => start >= range.to);
  return { ...piece, notes: [...kept, ...before(within(notes, range), range.to), ...after].sort(byOnset) };
}

/** Moved in time, such as to where they belong in another piece. */
export const shift = (notes: readonly Note[], ticks: number): Note[] =>
  notes.map(([start, duration, pitch, velocity]) => [start + ticks, duration, pitch, velocity]);
