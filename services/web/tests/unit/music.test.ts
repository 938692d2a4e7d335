import { describe, expect, it } from "vitest";

import type { Note } from "@/lib/api/wire";
import { INSTRUMENTS } from "@/lib/music/instruments";
import { readMidi, writeMidi } from "@/lib/music/midi";
import { type Piece, replace, transpose } from "@/lib/music/piece";
import { likelyScale, nameOf, pitchName } from "@/lib/music/scale";
import { barRange } from "@/lib/music/time";
import { edit, FRESH, redo, undo } from "@/lib/studio/history";
import { barsToKeep, linkOf, requestOf, USUAL, withLink } from "@/lib/studio/settings";

const line = (pitches: number[]): Note[] => pitches.map((pitch, i) => [i * 480, 480, pitch, 90]);
const piece = (notes: Note[], bars = 4): Piece => ({ notes, bars, tempo: 96, instrument: 40 });

describe("a MIDI file", () => {
  it("comes back as it was written", () => {
    const written = piece(line([60, 62, 64, 65, 67, 69, 71, 72]), 2);
    expect(readMidi(writeMidi(written).buffer)).toEqual(written);
  });
});

describe("a piece", () => {
  it("is transposed, unless a note would leave the keyboard", () => {
    expect(transpose(piece(line([60])), 2)?.notes[0]?.[2]).toBe(62);
    expect(transpose(piece(line([127])), 1)).toBeNull();
  });

  it("changes in the chosen bars and nowhere else", () => {
    const held: Note = [1800, 960, 50, 90];
    const old = piece([...line([60, 61, 62]), held, [1920, 240, 65, 90], [3840, 240, 66, 90]]);
    const other: Note[] = [[1920, 4000, 80, 90], [3840, 100, 81, 90]];
    const changed = replace(old, barRange(1, 1), other);
    expect(changed.notes).toEqual([...line([60, 61, 62]), [1800, 120, 50, 90], [1920, 1920, 80, 90], [3840, 240, 66, 90]]);
  });
});

describe("a scale", () => {
  it("is found", () => {
    expect(nameOf(likelyScale(line([67, 69, 71, 72, 74, 76, 78, 79])) ?? { key: 0, name: "dorian" })).toBe("G major");
    expect(likelyScale([])).toBeNull();
  });
  it("names middle C as General MIDI does", () => expect(pitchName(60)).toBe("C4"));
});

describe("the studio", () => {
  it("has all of General MIDI", () => {
    expect(INSTRUMENTS).toHaveLength(128);
    expect([INSTRUMENTS[0], INSTRUMENTS[40], INSTRUMENTS[73]]).toEqual(["Grand piano", "Violin", "Flute"]);
  });

  it("gives a link that asks for the same", () => {
    const settings = { ...USUAL, model: "v8", bars: 12, seed: 7, sampling: { ...USUAL.sampling, temperature: 0.85, top_k: 0 } };
    expect(withLink(USUAL, linkOf(requestOf(settings, "v8")) ?? "")).toEqual(settings);
  });

  it("gives a link that stays in the same scale, and takes none from nonsense", () => {
    const settings = { ...USUAL, model: "v8", seed: 7, scale: { tonic: "F#", mode: "harmonic minor" as const } };
    const link = linkOf(requestOf(settings, "v8")) ?? "";
    expect(withLink(USUAL, link)).toEqual(settings);
    expect(withLink(USUAL, link.replace("harmonic", "cheerful")).scale).toBeNull();
  });

  it("gives none for what goes on from a file", () => {
    const theme = { primerId: "x", name: "x.mid", bars: 2 };
    expect(linkOf(requestOf({ ...USUAL, seed: 7, theme }, "v8"))).toBeNull();
  });

  it("keeps what a listener is about to hear when a knob is moved", () => {
    expect(barsToKeep(10, 3 * 1920 + 5, true)).toBe(5);
    expect(barsToKeep(4, 3 * 1920 + 5, true)).toBe(4);
    expect(barsToKeep(10, 0, false)).toBe(10);
  });

  it("undoes and redoes", () => {
    const [a, b] = [piece(line([60])), piece(line([61]))];
    const edited = edit(FRESH, a, b);
    expect(undo(edited).present).toBe(a);
    expect(redo(undo(edited), a).present).toBe(b);
    expect(undo(FRESH)).toBe(FRESH);
  });
});
