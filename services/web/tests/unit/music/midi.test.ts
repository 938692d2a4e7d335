import { Midi } from "@tonejs/midi";
import { expect, it } from "vitest";

import type { Note } from "@/lib/api/types";
import { type Bars, regularBars } from "@/lib/music/bars";
import { midiChannel, writeMidi } from "@/lib/music/midi";

const NOTES: Note[] = [60, 62, 64, 65, 67, 69, 71, 72].map((pitch, i) => [i * 480, 480, pitch, 20 + 13 * i]);

const notesOf = (track: Midi["tracks"][number] | undefined) => track?.notes.map((note) => [note.ticks, note.durationTicks, note.midi, Math.round(note.velocity * 127)]);

it("writes notes, tempo and instrument", () => {
  const midi = new Midi(writeMidi({ notes: NOTES, bars: regularBars(2), tempo: 96, instrument: 40 }).buffer);
  const [track] = midi.tracks;
  expect(midi.header.ppq).toBe(480);
  expect(Math.round(midi.header.tempos[0]?.bpm ?? 0)).toBe(96);
  expect(track?.instrument.number).toBe(40);
  expect(notesOf(track)).toEqual(NOTES);
});

it("writes all tracks of a file: names, programs, drums on channel 10, tempos", () => {
  const bass: Note[] = [[0, 1920, 33, 80]];
  const drums: Note[] = [[0, 10, 36, 127], [480, 10, 38, 1]];
  const tracks = [
    { name: "Bäss", program: 33, is_drum: false, notes: bass },
    { name: "Melody", program: 73, is_drum: false, notes: [] },
    { name: "Kit", program: 0, is_drum: true, notes: drums },
  ];
  const file = { tracks, track: 1, tempos: [[0, 124], [960, 90.5]] satisfies [number, number][] };
  const bytes = writeMidi({ notes: NOTES, bars: regularBars(2), tempo: null, instrument: 73, file });
  const midi = new Midi(bytes.buffer);
  expect(bytes[9]).toBe(1); // the format
  expect(midi.tracks.map(({ channel, instrument }) => [channel, instrument.number])).toEqual([[0, 33], [1, 73], [9, 0]]);
  expect(midi.tracks.map(notesOf)).toEqual([bass, NOTES, drums]);
  expect(new TextDecoder().decode(bytes)).toContain("Bäss");
  expect(midi.header.tempos.map(({ ticks, bpm }) => [ticks, Math.round(60e6 / bpm)])).toEqual([[0, 483_871], [960, 662_983]]);
});

it("gives no pitched track the drum channel", () => expect([8, 9, 14, 15].map((track) => midiChannel(track, false))).toEqual([8, 10, 15, 0]));

it("writes time signatures, and a short first bar as one of its length", () => {
  const bars: Bars = [[0, 480, 3, 4], [480, 1440, 3, 4], [1920, 1440, 6, 8], [3360, 1920, 4, 4], [5280, 1920, 4, 4]];
  const midi = new Midi(writeMidi({ notes: NOTES, bars, tempo: 96, instrument: 40 }).buffer);
  expect(midi.header.timeSignatures.map(({ ticks, timeSignature }) => [ticks, ...timeSignature])).toEqual([[0, 1, 4], [480, 3, 4], [1920, 6, 8], [3360, 4, 4]]);
});
