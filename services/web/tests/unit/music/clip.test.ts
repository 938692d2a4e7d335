import { describe, expect, it } from "vitest";

import type { Melody, Note } from "@/lib/api/types";
import { asFile, type Clip, clipOf, firstBars, otherTracks, replaceRange, temposOf, tracksOf, transpose, unchangedMelody, withSound } from "@/lib/music/clip";
import { barRange } from "@/lib/music/time";

const quarters = (pitches: number[]): Note[] => pitches.map((pitch, i) => [i * 480, 480, pitch, 90]);
const clip = (notes: Note[]): Clip => ({ notes, bars: 4, tempo: 96, instrument: 40 });

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
  it("changes only the notes in the range, and cuts notes that are held across its bounds", () => {
    const held: Note = [1800, 960, 50, 90];
    const original = clip([...quarters([60, 61, 62]), held, [1920, 240, 65, 90], [3840, 240, 66, 90]]);
    const replacement: Note[] = [[1920, 4000, 80, 90], [3840, 100, 81, 90]];
    const changed = replaceRange(original, barRange(1, 1), replacement);
    expect(changed.notes).toEqual([...quarters([60, 61, 62]), [1800, 120, 50, 90], [1920, 1920, 80, 90], [3840, 240, 66, 90]]);
  });
});

describe("a melody of a file", () => {
  it("has its track, the others and the tempos", () => {
    const melody = clipOf(MELODY);
    expect(melody).toMatchObject({ notes: quarters([60, 62]), bars: 2, tempo: null, instrument: 73, melodyId: "m" });
    expect(otherTracks(melody)).toEqual([BASS]);
    expect(tracksOf(melody)).toEqual(MELODY.tracks);
    expect(temposOf(melody)).toEqual([[0, 72.5], [960, 60]]);
    expect(temposOf(withSound(melody, { tempo: 90, instrument: 0 }))).toEqual([[0, 90]]);
  });

  it("begins with a rest if its first bar is short", () => {
    const positions = [[0, 480, 4, 4], [480, 1920, 4, 4]] as Melody["bar_positions"];
    const melody = clipOf({ ...MELODY, bar_positions: positions });
    expect(melody.notes.map(([start]) => start)).toEqual([1440, 1920]);
    expect(otherTracks(melody)[0]?.notes.map(([start]) => start)).toEqual([1440, 1920]);
    expect(temposOf(melody)).toEqual([[0, 72.5], [2400, 60]]);
  });

  it("keeps the other tracks when it is edited, and is not the melody any more", () => {
    const melody = clipOf(MELODY);
    for (const edited of [transpose(melody, 1), replaceRange(melody, barRange(1, 1), []), firstBars(melody, 1)]) {
      expect(edited && otherTracks(edited)).toEqual([BASS]);
      expect(edited && unchangedMelody(edited)).toBeNull();
    }
  });

  it("is the file of the gateway unless its notes, tempo or instrument differ", () => {
    const melody = clipOf(MELODY);
    expect(unchangedMelody(melody)).toBe("m");
    expect(unchangedMelody({ ...melody, tempo: 90 })).toBeNull();
    expect(unchangedMelody({ ...melody, instrument: 0 })).toBeNull();
    expect(unchangedMelody(asFile({ ...melody, tempo: 90, instrument: 0 }))).toBe("m");
    const single = clipOf({ ...MELODY, tempos: [[0, 90]] });
    expect([single.tempo, unchangedMelody(single)]).toEqual([90, "m"]);
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
