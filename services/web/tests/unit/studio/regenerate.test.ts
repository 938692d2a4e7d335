import { expect, it } from "vitest";

import type { Capabilities, Note } from "@/lib/api/types";
import { barRange } from "@/lib/music/time";
import { regenerationMethod } from "@/lib/studio/regenerate";

const CAPABILITIES: Capabilities = { max_bars: 64, primer: true, infill: true, key_conditioning: false, scale: true, chords: true, velocity: false, sampling: { temperature: 1, top_k: 0, top_p: 1, min_p: 0 }, time_signatures: ["4/4"] };
const versionWith = (changes: Partial<Capabilities>) => ({ capabilities: { ...CAPABILITIES, ...changes } });
const NOTES: Note[] = [[0, 480, 60, 90], [2400, 480, 62, 90]];
/** Two bars with notes and two empty bars. */
const CLIP = { notes: NOTES, bars: 4, tempo: 120, instrument: 0 };

it("infills bars up to the last note if the version supports it", () => {
  expect(regenerationMethod(versionWith({}), CLIP, barRange(0, 1))).toBe("infill");
  expect(regenerationMethod(versionWith({}), CLIP, barRange(1, 2))).toBe("continue");
  expect(regenerationMethod(versionWith({ primer: false }), CLIP, barRange(1, 2))).toBeNull();
});

it("infills all bars of a melody that the gateway has, and those up to the last note of an edited file", () => {
  const file = { tracks: [{ name: "", program: 33, is_drum: false, notes: [[5760, 480, 36, 90]] satisfies Note[] }, { name: "", program: 0, is_drum: false, notes: [] }], track: 1, tempos: [] };
  expect(regenerationMethod(versionWith({}), { ...CLIP, melodyId: "x" }, barRange(3, 3))).toBe("infill");
  expect(regenerationMethod(versionWith({}), { ...CLIP, file }, barRange(3, 3))).toBe("infill");
  expect(regenerationMethod(versionWith({}), { ...CLIP, file, notes: [] }, barRange(3, 3))).toBe("continue");
});

it("continues the bars before if the version cannot infill", () => {
  expect(regenerationMethod(versionWith({ infill: false }), CLIP, barRange(0, 0))).toBe("continue");
  expect(regenerationMethod(versionWith({ infill: false, primer: false }), CLIP, barRange(0, 0))).toBeNull();
});
