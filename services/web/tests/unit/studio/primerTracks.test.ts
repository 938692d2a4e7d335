import { expect, it } from "vitest";

import { describeKept, fileOf, normalizePrimer, pitchedTracks, trackNames } from "@/lib/studio/primerTracks";

const track = (name: string, { program = 0, is_drum = false } = {}) => ({ name, is_drum, program, num_notes: 8 });
const BAND = [track("Piano"), track("", { program: 33 }), track("", { is_drum: true })];

it("names tracks without a name by their instrument, and numbers equal names", () => {
  expect(trackNames(BAND)).toEqual(["Piano", "Fingered bass", "Drums"]);
  expect(trackNames([track("Violin"), track("Violin"), track("Cello")])).toEqual(["Violin (track 1)", "Violin (track 2)", "Cello"]);
});

it("offers the tracks that are no drums", () => expect(pitchedTracks(BAND)).toEqual([[0, "Piano"], [1, "Fingered bass"]]));

it("says which tracks are kept", () => {
  expect(describeKept({ tracks: BAND, track: 1 })).toBe("Kept: Piano, Drums.");
  expect(describeKept({ tracks: [track("Piano")], track: 0 })).toBe("");
  const names = Array.from({ length: 9 }, (_, i) => `T${i}`);
  expect(describeKept({ tracks: names.map((name) => track(name)), track: 0 })).toBe("Kept: T1, T2, T3, T4, T5, T6 and 2 more.");
});

it("knows the tracks of the file before there are notes", () => {
  const tempos = [[0, 124]] satisfies [number, number][];
  const file = fileOf({ primerId: "x", name: "x.mid", bars: 8, track: 1, tracks: BAND, tempos, rest: 0 });
  expect(file).toMatchObject({ track: 1, tempos, tracks: [{ name: "Piano", notes: [] }, { program: 33 }, { is_drum: true }] });
  expect(fileOf({ primerId: "x", name: "x.abc", bars: 8, track: 0, tracks: BAND, tempos: [], rest: 0 })?.tempos).toEqual([[0, 120]]);
});

it("leaves the choice to the gateway for a primer that an earlier release stored", () => {
  const stored = normalizePrimer({ primerId: "x", name: "x.mid", bars: 2, tracks: "Read: Piano." });
  expect(stored).toEqual({ primerId: "x", name: "x.mid", bars: 2, track: null, tracks: [], tempos: [], rest: 0 });
  expect(fileOf(stored)).toBeUndefined();
  expect(describeKept(stored)).toBe("");
});
