import { describe, expect, it } from "vitest";

import type { Melody, Note } from "@/lib/api/types";
import { barRange, regularBars } from "@/lib/music/bars";
import { asFile, type Clip, clipOf, firstBars, otherTracks, replaceRange, temposOf, tracksOf, transpose, unchangedFile, withSound, withTrack } from "@/lib/music/clip";


const quarters = (pitches: number[]): Note[] => pitches.map((pitch, i) => [i * 480, 480, pitch, 90]);
const clip = (notes: Note[]): Clip => ({ notes, bars: regularBars(4), tempo: 96, instrument: 40 });

const ORIGIN = { kind: "melody", id: "m" };
const BASS = { name: "Bass", program: 33, is_drum: false, notes: quarters([36, 38]) };
const MELODY = {
  ...{ id: "m", bars: 2, track: 1, notes: quarters([60, 62]) },
  tempo: 72.5,
  tempos: [[0, 72.5], [960, 60]],
  tracks: [BASS, { name: "Lead", program: 73, is_drum: false, notes: quarters([60, 62]) }],
  bar_positions: [[0, 1920, 4, 4], [1920, 1920, 4, 4]],
} as unknown as Melody;

describe("transpose", () => {
  it("returns null if a note would leave the MIDI range", () => {
    expect(transpose(clip(quarters([60])), 2)?.notes[0]?.[2]).toBe(62);
    expect(transpose(clip(quarters([127])), 1)).toBeNull();
  });
});

describe("replaceRange", () => {
  const held: Note = [1800, 6000, 50, 90];

  it("changes only the notes that begin in the range; those that are held into it keep sounding", () => {
    const original = clip([...quarters([60, 61, 62]), held, [1920, 240, 65, 90], [3840, 240, 66, 90]]);
    const replacement: Note[] = [[1920, 4000, 80, 90], [3840, 100, 81, 90]];
    const changed = replaceRange(original, barRange(original.bars, 1, 1), replacement);
    expect(changed.notes).toEqual([...quarters([60, 61, 62]), held, [1920, 1920, 80, 90], [3840, 240, 66, 90]]);
  });

  it("ends a held note where its pitch begins again", () => {
    const original = clip([held]);
    const changed = replaceRange(original, barRange(original.bars, 1, 1), [[2400, 480, 50, 90], [3000, 480, 50, 90]]);
    expect(changed.notes).toEqual([[1800, 600, 50, 90], [2400, 480, 50, 90], [3000, 480, 50, 90]]);
  });
});

describe("a melody of a file", () => {
  it("has its track, the others and the tempos", () => {
    const melody = clipOf(MELODY);
    expect(melody).toMatchObject({ notes: quarters([60, 62]), bars: regularBars(2), tempo: null, instrument: 73, origin: { kind: "melody", id: "m" } });
    expect(otherTracks(melody)).toEqual([BASS]);
    expect(tracksOf(melody)).toEqual(MELODY.tracks);
    expect(temposOf(melody)).toEqual([[0, 72.5], [960, 60]]);
    expect(temposOf(withSound(melody, { tempo: 90, instrument: 0 }))).toEqual([[0, 90]]);
  });

  it("has its bars as they are, also a short first one", () => {
    const positions = [[0, 480, 4, 4], [480, 1920, 4, 4]] as Melody["bar_positions"];
    const melody = clipOf({ ...MELODY, bar_positions: positions });
    expect(melody.bars).toEqual(positions);
    expect(firstBars(melody, 1)).toMatchObject({ bars: [[0, 480, 4, 4]], notes: quarters([60]) });
  });

  it("gives another of its tracks, and the first one again", () => {
    const melody = transpose(clipOf(MELODY), 1);
    const bass = melody && withTrack(melody, 0);
    expect(bass).toMatchObject({ notes: BASS.notes, instrument: 33, file: { track: 0 } });
    expect(bass && otherTracks(bass)[0]?.notes).toEqual(quarters([61, 63]));
    expect(bass && withTrack(bass, 1)).toEqual(melody);
  });

  it("keeps the other tracks when it is edited, and is not the melody any more", () => {
    const melody = clipOf(MELODY);
    for (const edited of [transpose(melody, 1), replaceRange(melody, barRange(melody.bars, 1, 1), []), firstBars(melody, 1)]) {
      expect(edited && otherTracks(edited)).toEqual([BASS]);
      expect(edited && unchangedFile(edited)).toBeNull();
    }
  });

  it("is the file of the gateway unless its notes, tempo or instrument differ", () => {
    const melody = clipOf(MELODY);
    expect(unchangedFile(melody)).toEqual(ORIGIN);
    expect(unchangedFile({ ...melody, tempo: 90 })).toBeNull();
    expect(unchangedFile({ ...melody, instrument: 0 })).toBeNull();
    expect(unchangedFile(asFile({ ...melody, tempo: 90, instrument: 0 }))).toEqual(ORIGIN);
    const single = clipOf({ ...MELODY, tempos: [[0, 90]] });
    expect([single.tempo, unchangedFile(single)]).toEqual([90, ORIGIN]);
  });
});

describe("withSound", () => {
  it("changes the instrument of a clip of one track only", () => {
    expect(withSound(clip([]), { tempo: 100, instrument: 5 })).toMatchObject({ tempo: 100, instrument: 5 });
    expect(withSound(clipOf(MELODY), { tempo: 100, instrument: 5 })).toMatchObject({ tempo: 100, instrument: 73 });
  });

  it("leaves a clip without a file its tempo", () => {
    expect(withSound(clip([]), { tempo: null, instrument: 5 }).tempo).toBe(96);
    expect(withSound({ ...clipOf(MELODY), tempo: 90 }, { tempo: null, instrument: 5 }).tempo).toBeNull();
  });
});
