import { readFile } from "node:fs/promises";

import { Midi } from "@tonejs/midi";
import { expect, it } from "vitest";

import { readTiming } from "@/lib/studio/fileTiming";

it("reads the tempos of a MIDI file", async () => {
  const { tempos, rest } = await readTiming(new Blob([await readFile("../../tests/cases/rit72.mid")]));
  expect(tempos.slice(0, 3)).toEqual([[0, 72], [6000, 68], [6240, 64]]);
  expect(tempos).toHaveLength(8);
  expect(rest).toBe(0);
});

it("does not know those of another kind of file", async () => expect(await readTiming(new Blob(["X:1"]))).toEqual({ tempos: [], rest: 0 }));

it.each([
  { signatures: [], rest: 0 },
  { signatures: [[0, 4, 4]], rest: 0 },
  { signatures: [[0, 1, 4], [480, 4, 4]], rest: 1440 },
  { signatures: [[0, 4, 4], [960, 2, 2]], rest: 960 },
  { signatures: [[0, 4, 4], [960, 4, 4]], rest: 0 },
])("finds the rest before the short first bar of $signatures", async ({ signatures, rest }) => {
  const midi = new Midi();
  midi.header.timeSignatures = signatures.map(([ticks = 0, ...timeSignature]) => ({ ticks, timeSignature }));
  midi.addTrack().addNote({ midi: 60, ticks: 0, durationTicks: 480 });
  expect((await readTiming(new Blob([new Uint8Array(midi.toArray())]))).rest).toBe(rest);
});
