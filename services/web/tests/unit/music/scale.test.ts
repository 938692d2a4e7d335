import { describe, expect, it } from "vitest";

import type { Note } from "@/lib/api/types";
import { estimateScale, formatPitch, formatScale } from "@/lib/music/scale";

const quarters = (pitches: number[]): Note[] => pitches.map((pitch, i) => [i * 480, 480, pitch, 90]);

describe("estimateScale", () => {
  it("finds the key of a scale", () => {
    expect(formatScale(estimateScale(quarters([67, 69, 71, 72, 74, 76, 78, 79])) ?? { key: 0, name: "dorian" })).toBe("G major");
  });

  it("returns null without notes", () => expect(estimateScale([])).toBeNull());
});

describe("formatPitch", () => {
  it("names middle C as C4", () => expect(formatPitch(60)).toBe("C4"));
});
