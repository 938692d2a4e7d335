import { expect, it } from "vitest";

import type { Clip, Track } from "@/lib/music/clip";
import { describeKept, pitchedTracks, trackNames } from "@/lib/studio/primerTracks";

const track = (name: string, { program = 0, is_drum = false } = {}) => ({ name, is_drum, program, notes: [] });
const clip = (tracks: Track[], index: number): Clip => ({ notes: [], bars: [], tempo: 120, instrument: tracks[index]?.program ?? 0, file: { tracks, track: index, tempos: [] } });
const BAND = [track("Piano"), track("", { program: 33 }), track("", { is_drum: true })];

it("names tracks without a name by their instrument, and numbers equal names", () => {
  expect(trackNames(BAND)).toEqual(["Piano", "Fingered bass", "Drums"]);
  expect(trackNames([track("Violin"), track("Violin"), track("Cello")])).toEqual(["Violin (track 1)", "Violin (track 2)", "Cello"]);
});

it("offers the tracks that are no drums", () => expect(pitchedTracks(BAND)).toEqual([[0, "Piano"], [1, "Fingered bass"]]));

it("says which tracks are kept", () => {
  expect(describeKept(clip(BAND, 1))).toBe("Kept: Piano, Drums.");
  expect(describeKept(clip([track("Piano")], 0))).toBe("");
  const names = Array.from({ length: 9 }, (_, i) => `T${i}`);
  expect(describeKept(clip(names.map((name) => track(name)), 0))).toBe("Kept: T1, T2, T3, T4, T5, T6 and 2 more.");
});
