import { expect, it } from "vitest";

import type { Capabilities, Note } from "@/lib/api/types";
import { barRange } from "@/lib/music/time";
import { regenerationMethod } from "@/lib/studio/regenerate";

const versionWith = (changes: Partial<Capabilities>) => ({
  capabilities: { max_bars: 64, primer: true, infill: true, key_conditioning: false, scale: true, chords: true, velocity: false, ...changes },
});
const NOTES: Note[] = [[0, 480, 60, 90], [2400, 480, 62, 90]];
/** Two bars with notes and two empty bars. */
const CLIP = { notes: NOTES, bars: 4, tempo: 120, instrument: 0 };

it("infills bars up to the last note if the version supports it", () => {
  expect(regenerationMethod(versionWith({}), CLIP, barRange(0, 1))).toBe("infill");
  expect(regenerationMethod(versionWith({}), CLIP, barRange(1, 2))).toBe("continue");
  expect(regenerationMethod(versionWith({ primer: false }), CLIP, barRange(1, 2))).toBeNull();
});

it("continues the bars before if the version cannot infill", () => {
  expect(regenerationMethod(versionWith({ infill: false }), CLIP, barRange(0, 0))).toBe("continue");
  expect(regenerationMethod(versionWith({ infill: false, primer: false }), CLIP, barRange(0, 0))).toBeNull();
});
