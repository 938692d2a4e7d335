import { expect, it } from "vitest";

import type { Capabilities, Note } from "@/lib/api/types";
import { unknownMetres } from "@/lib/models/metres";
import { type Bars, barRange, regularBars } from "@/lib/music/bars";
import { regenerationMethod } from "@/lib/studio/regenerate";

const CAPABILITIES: Capabilities = { max_bars: 64, primer: true, infill: true, key_conditioning: false, scale: true, chords: true, velocity: false, sampling: { temperature: 1, top_k: 0, top_p: 1, min_p: 0 } };
const versionWith = (changes: Partial<Capabilities>) => ({ capabilities: { ...CAPABILITIES, ...changes } });
const NOTES: Note[] = [[0, 480, 60, 90], [2400, 480, 62, 90]];
/** Two bars with notes and two empty bars. */
const CLIP = { notes: NOTES, bars: regularBars(4), tempo: 120, instrument: 0 };

const bars = (first: number, last: number) => barRange(CLIP.bars, first, last);

it("infills bars up to the last note if the version supports it", () => {
  expect(regenerationMethod(versionWith({}), CLIP, bars(0, 1))).toBe("infill");
  expect(regenerationMethod(versionWith({}), CLIP, bars(1, 2))).toBe("continue");
  expect(regenerationMethod(versionWith({ primer: false }), CLIP, bars(1, 2))).toBeNull();
});

it("infills all bars of a melody that the gateway has, and those up to the last note of an edited file", () => {
  const file = { tracks: [{ name: "", program: 33, is_drum: false, notes: [[5760, 480, 36, 90]] satisfies Note[] }, { name: "", program: 0, is_drum: false, notes: [] }], track: 1, tempos: [] };
  expect(regenerationMethod(versionWith({}), { ...CLIP, origin: { kind: "melody" as const, id: "x" } }, bars(3, 3))).toBe("infill");
  expect(regenerationMethod(versionWith({}), { ...CLIP, file }, bars(3, 3))).toBe("infill");
  expect(regenerationMethod(versionWith({}), { ...CLIP, file, notes: [] }, bars(3, 3))).toBe("continue");
});

it("continues the bars before if the version cannot infill", () => {
  expect(regenerationMethod(versionWith({ infill: false }), CLIP, bars(0, 0))).toBe("continue");
  expect(regenerationMethod(versionWith({ infill: false, primer: false }), CLIP, bars(0, 0))).toBeNull();
});

it("needs a version that knows the time signatures of the clip", () => {
  const waltz = { ...CLIP, bars: regularBars(4, "3/4"), origin: { kind: "primer" as const, id: "x" } };
  const range = barRange(waltz.bars, 1, 1);
  expect(regenerationMethod(versionWith({}), waltz, range)).toBeNull();
  expect(unknownMetres(versionWith({}), waltz.bars)).toEqual(["3/4"]);
  expect(regenerationMethod(versionWith({ time_signatures: ["4/4", "3/4"] }), waltz, range)).toBe("infill");
});

it("continues bars of one time signature only", () => {
  const mixed: Bars = [...regularBars(2), ...regularBars(2, "3/4", 3840)];
  const version = versionWith({ infill: false, time_signatures: ["4/4", "3/4"] });
  expect(regenerationMethod(version, { ...CLIP, bars: mixed }, barRange(mixed, 2, 3))).toBe("continue");
  expect(regenerationMethod(version, { ...CLIP, bars: mixed }, barRange(mixed, 1, 2))).toBeNull();
});
