// A clip (notes, length, tempo and instrument) and functions that edit it, which return new clips.
import type { Melody, Note, TempoMark } from "@/lib/api/types";

import { DEFAULT_TEMPO, type Range, TICKS_PER_BAR } from "./time";

export interface Track {
  name: string;
  /** General MIDI program, counted from 0. */
  program: number;
  is_drum: boolean;
  notes: readonly Note[];
}

/** The MIDI file of which a clip is a track. */
export interface ClipFile {
  /** All tracks in order; that of the clip has no notes here. */
  tracks: readonly Track[];
  /** Index of the clip's track. */
  track: number;
  /** In order of time; the first one is at 0. */
  tempos: readonly TempoMark[];
}

export interface Clip {
  notes: readonly Note[];
  bars: number;
  /** Quarter notes per minute; null: the tempos of its file. */
  tempo: number | null;
  /** General MIDI program, counted from 0. */
  instrument: number;
  file?: ClipFile;
  /** Id of the generated melody that has these notes; edits remove it. */
  melodyId?: string | null;
}

/** A melody as a clip, in which a short first bar begins with a rest. */
export function clipOf({ id, bars, notes, track, tracks, tempos, bar_positions }: Melody): Clip {
  const [first, second] = bar_positions;
  const rest = first !== undefined && second !== undefined ? Math.max(second[1] - first[1], 0) : 0;
  const file = {
    tracks: tracks.map((other, index) => ({ ...other, notes: index === track ? [] : shiftNotes(other.notes, rest) })),
    track,
    tempos: shiftTempos(tempos, rest),
  };
  const tempo = tempos.length > 1 ? null : (tempos[0]?.[1] ?? DEFAULT_TEMPO);
  return { notes: shiftNotes(notes, rest), bars, tempo, instrument: tracks[track]?.program ?? 0, file, melodyId: id };
}

/** Moves tempos in time, except the first one, which is at 0. */
export const shiftTempos = (tempos: readonly TempoMark[], ticks: number): TempoMark[] => tempos.map(([start, tempo]) => [start === 0 ? 0 : start + ticks, tempo]);

/** The tempos in order of time; the first one is at 0. */
export const temposOf = ({ tempo, file }: Pick<Clip, "tempo" | "file">): readonly TempoMark[] => (tempo === null ? (file?.tempos ?? [[0, DEFAULT_TEMPO]]) : [[0, tempo]]);

/** All tracks of the clip's file, in order. */
export const tracksOf = ({ notes, instrument, file }: Omit<Clip, "bars" | "tempo">): readonly Track[] =>
  file === undefined ? [{ name: "", program: instrument, is_drum: false, notes }] : file.tracks.map((track, index) => (index === file.track ? { ...track, program: instrument, notes } : track));

/** The tracks of the clip's file that are not the clip. */
export const otherTracks = ({ file }: Pick<Clip, "file">): readonly Track[] => file?.tracks.filter((_, index) => index !== file.track) ?? [];

/** The clip with the tempos and the instrument of its file. */
export const asFile = (clip: Clip): Clip => (clip.file === undefined ? clip : { ...clip, tempo: null, instrument: clip.file.tracks[clip.file.track]?.program ?? 0 });

/** The id of the melody whose MIDI file is this clip; null if there is none. */
export function unchangedMelody(clip: Clip): string | null {
  const hasFileSound = asFile(clip).instrument === clip.instrument && JSON.stringify(temposOf(clip)) === JSON.stringify(clip.file?.tempos);
  return hasFileSound ? (clip.melodyId ?? null) : null;
}

/** The clip with a tempo and an instrument. Null leaves it the tempos of its file; one of several tracks keeps its instrument. */
export const withSound = (clip: Clip, { tempo, instrument }: Pick<Clip, "tempo" | "instrument">): Clip => ({
  ...clip,
  tempo: tempo ?? (clip.file === undefined ? clip.tempo : null),
  instrument: otherTracks(clip).length > 0 ? clip.instrument : instrument,
});

/** Number of bars up to the end of the last note. */
export const countBars = (notes: readonly Note[]): number =>
  Math.ceil(notes.reduce((end, [start, duration]) => Math.max(end, start + duration), 0) / TICKS_PER_BAR);

export const lengthInTicks = ({ bars }: Pick<Clip, "bars">): number => bars * TICKS_PER_BAR;

const byOnset = (a: Note, b: Note): number => a[0] - b[0] || a[2] - b[2];

const edited = (clip: Clip, notes: readonly Note[]): Clip => ({ ...clip, notes, melodyId: null });

/** Transposes a clip; null if a note would leave the MIDI range. */
export function transpose(clip: Clip, semitones: number): Clip | null {
  const notes = clip.notes.map(
    ([start, duration, pitch, velocity]): Note => [start, duration, pitch + semitones, velocity],
  );
  return notes.some(([, , pitch]) => pitch < 0 || pitch > 127) ? null : edited(clip, notes);
}

/** The notes that start before a tick; notes that are held across the tick end there. */
export function notesBefore(notes: readonly Note[], tick: number): Note[] {
  return notes
    .filter(([start]) => start < tick)
    .map(([start, duration, pitch, velocity]) => [start, Math.min(duration, tick - start), pitch, velocity]);
}

/** The first bars of a clip. */
export const firstBars = (clip: Clip, bars: number): Clip => ({ ...edited(clip, notesBefore(clip.notes, bars * TICKS_PER_BAR)), bars });

/** The notes that start inside a range. */
export const notesIn = (notes: readonly Note[], range: Range): Note[] =>
  notes.filter(([start]) => start >= range.from && start < range.to);

/** Replaces the notes in a range. Notes that are held across a bound of the range end there. */
export function replaceRange(clip: Clip, range: Range, notes: readonly Note[]): Clip {
  const earlier = notesBefore(clip.notes, range.from);
  const later = clip.notes.filter(([start]) => start >= range.to);
  return edited(clip, [...earlier, ...notesBefore(notesIn(notes, range), range.to), ...later].sort(byOnset));
}

/** Moves notes in time. */
export const shiftNotes = (notes: readonly Note[], ticks: number): Note[] =>
  notes.map(([start, duration, pitch, velocity]) => [start + ticks, duration, pitch, velocity]);
