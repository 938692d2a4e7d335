import { expect, it } from "vitest";

import type { Capabilities } from "@/lib/api/wire";
import { barRange } from "@/lib/music/time";
import { wayOf } from "@/lib/studio/regenerate";

const able = (changes: Partial<Capabilities>) => ({
  capabilities: { max_bars: 64, primer: true, infill: true, steering: false, scale: true, chords: true, velocity: false, ...changes },
});
/** Two bars with music, and two of silence. */
const piece = { notes: [[0, 480, 60, 90], [2400, 480, 62, 90]] as [number, number, number, number][], bars: 4, tempo: 120, instrument: 0 };

it("fills bars where the version can and there is music", () => {
  expect(wayOf(able({}), piece, barRange(0, 1))).toBe("fill");
  expect(wayOf(able({}), piece, barRange(1, 2))).toBe("go on");
  expect(wayOf(able({ primer: false }), piece, barRange(1, 2))).toBeNull();
});

it("goes on from the bars before where it can do that alone, and cannot without either", () => {
  expect(wayOf(able({ infill: false }), piece, barRange(0, 0))).toBe("go on");
  expect(wayOf(able({ infill: false, primer: false }), piece, barRange(0, 0))).toBeNull();
});
