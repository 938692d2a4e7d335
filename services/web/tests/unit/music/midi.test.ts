import { Midi } from "@tonejs/midi";
import { expect, it } from "vitest";

import type { Note } from "@/lib/api/types";
import { writeMidi } from "@/lib/music/midi";

const NOTES: Note[] = [60, 62, 64, 65, 67, 69, 71, 72].map((pitch, i) => [i * 480, 480, pitch, 90]);

it("writes notes, tempo and instrument", () => {
  const midi = new Midi(writeMidi({ notes: NOTES, bars: 2, tempo: 96, instrument: 40 }).buffer);
  const [track] = midi.tracks;
  expect(midi.header.ppq).toBe(480);
  expect(Math.round(midi.header.tempos[0]?.bpm ?? 0)).toBe(96);
  expect(track?.instrument.number).toBe(40);
  expect(track?.notes.map((note) => [note.ticks, note.durationTicks, note.midi, Math.round(note.velocity * 127)])).toEqual(NOTES);
});
