import { describe, expect, it } from "vitest";

import type { Note } from "@/lib/api/types";
import { type Clip, replaceRange, transpose } from "@/lib/music/clip";
import { barRange } from "@/lib/music/time";

const quarters = (pitches: number[]): Note[] => pitches.map((pitch, i) => [i * 480, 480, pitch, 90]);
const clip = (notes: Note[]): Clip => ({ notes, bars: 4, tempo: 96, instrument: 40 });

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
