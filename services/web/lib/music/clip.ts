// A clip (notes, bars, tempo and instrument) and functions that edit it, which return new clips.
import type { Melody, Note, PrimerScore, TempoMark } from "@/lib/api/types";

import { type Bars, endOf, lineBefore } from "./bars";
import { DEFAULT_TEMPO, type Range } from "./time";

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

/** The generated melody or the uploaded file that has exactly these notes, with all that its MIDI file contains. */
export type Origin = { kind: "melody" | "primer"; id: string };

export interface Clip {
  notes: readonly Note[];
  bars: Bars;
  /** Quarter notes per minute; null: the tempos of its file. */
  tempo: number | null;
  /** General MIDI program, counted from 0. */
  instrument: number;
  file?: ClipFile;
  /** Edits remove it. */
  origin?: Origin | null;
}

export const clipOf = (melody: Melody): Clip => fromScore(melody, { kind: "melody", id: melody.id });

export const primerClip = (id: string, score: PrimerScore): Clip => fromScore(score, { kind: "primer", id });

function fromScore({ bar_positions: bars, track, tracks, tempos }: PrimerScore, origin: Origin): Clip {
  const tempo = tempos.length > 1 ? null : (tempos[0]?.[1] ?? DEFAULT_TEMPO);
  return { bars, tempo, origin, ...chooseTrack({ tracks, track, tempos }, track) };
}

/** The clip with another track of its file in the place of the present one. */
export const withTrack = (clip: Clip, track: number): Clip => (clip.file === undefined ? clip : { ...clip, ...chooseTrack({ ...clip.file, tracks: tracksOf(clip) }, track) });

function chooseTrack(file: ClipFile, track: number): Pick<Clip, "notes" | "instrument" | "file"> {
  const { notes, program } = file.tracks[track] ?? { notes: [], program: 0 };
  const tracks = file.tracks.map((other, index) => (index === track ? { ...other, notes: [] } : other));
  return { notes, instrument: program, file: { ...file, track, tracks } };
}

/** The tempos in order of time; the first one is at 0. */
export const temposOf = ({ tempo, file }: Pick<Clip, "tempo" | "file">): readonly TempoMark[] => (tempo === null ? (file?.tempos ?? [[0, DEFAULT_TEMPO]]) : [[0, tempo]]);

/** All tracks of the clip's file, in order. */
export const tracksOf = ({ notes, instrument, file }: Omit<Clip, "bars" | "tempo">): readonly Track[] =>
  file === undefined ? [{ name: "", program: instrument, is_drum: false, notes }] : file.tracks.map((track, index) => (index === file.track ? { ...track, program: instrument, notes } : track));

/** The tracks of the clip's file that are not the clip. */
export const otherTracks = ({ file }: Pick<Clip, "file">): readonly Track[] => file?.tracks.filter((_, index) => index !== file.track) ?? [];

/** The clip with the tempos and the instrument of its file. */
export const asFile = (clip: Clip): Clip => (clip.file === undefined ? clip : { ...clip, tempo: null, instrument: clip.file.tracks[clip.file.track]?.program ?? 0 });

/** The melody or the primer whose MIDI file is this clip; null if there is none. */
export function unchangedFile(clip: Clip): Origin | null {
  const hasFileSound = asFile(clip).instrument === clip.instrument && JSON.stringify(temposOf(clip)) === JSON.stringify(clip.file?.tempos);
  return hasFileSound ? (clip.origin ?? null) : null;
}

/** The clip with a tempo and an instrument. Null leaves it the tempos of its file; one of several tracks keeps its instrument. */
export const withSound = (clip: Clip, { tempo, instrument }: Pick<Clip, "tempo" | "instrument">): Clip => ({
  ...clip,
  tempo: tempo ?? (clip.file === undefined ? clip.tempo : null),
  instrument: otherTracks(clip).length > 0 ? clip.instrument : instrument,
});

export const lengthInTicks = ({ bars }: Pick<Clip, "bars">): number => endOf(bars);

/** The tick at which the last note ends. */
export const lastNoteEnd = (notes: readonly Note[]): number => notes.reduce((end, [start, duration]) => Math.max(end, start + duration), 0);

const byOnset = (a: Note, b: Note): number => a[0] - b[0] || a[2] - b[2];

const edited = (clip: Clip, notes: readonly Note[]): Clip => ({ ...clip, notes, origin: null });

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
export const firstBars = (clip: Clip, count: number): Clip => ({ ...edited(clip, notesBefore(clip.notes, lineBefore(clip.bars, count))), bars: clip.bars.slice(0, count) });

/** The notes that start inside a range. */
export const notesIn = (notes: readonly Note[], range: Range): Note[] =>
  notes.filter(([start]) => start >= range.from && start < range.to);

/** Replaces the notes that begin in a range. A note that is held into the range keeps sounding until its pitch begins again. */
export function replaceRange(clip: Clip, range: Range, notes: readonly Note[]): Clip {
  const added = notesBefore(notesIn(notes, range), range.to);
  const nextOnset = (pitch: number) => added.reduce((first, [start, , other]) => (other === pitch ? Math.min(first, start) : first), Infinity);
  const earlier = clip.notes
    .filter(([start]) => start < range.from)
    .map(([start, duration, pitch, velocity]): Note => [start, Math.min(duration, nextOnset(pitch) - start), pitch, velocity]);
  const later = clip.notes.filter(([start]) => start >= range.to);
  return edited(clip, [...earlier, ...added, ...later].sort(byOnset));
}

/** Moves notes in time. */
export const shiftNotes = (notes: readonly Note[], ticks: number): Note[] =>
  notes.map(([start, duration, pitch, velocity]) => [start + ticks, duration, pitch, velocity]);
