// A MIDI file read by somebody else's code, in our ticks.
import { readFile } from "node:fs/promises";

import tonejs from "@tonejs/midi"; // CommonJS: Node sees no names in it

/** Quarters, one after the other. */
export function midiOf(pitches: number[]): Buffer {
  const midi = new tonejs.Midi();
  const track = midi.addTrack();
  pitches.forEach((pitch, i) => track.addNote({ midi: pitch, ticks: i * 480, durationTicks: 480 }));
  return Buffer.from(midi.toArray());
}

export async function notesOf(path: string): Promise<[number, number, number][]> {
  const midi = new tonejs.Midi(await readFile(path));
  const ours = (ticks: number) => Math.round((ticks * 480) / midi.header.ppq);
  return midi.tracks
    .flatMap((track) => track.notes)
    .map((note): [number, number, number] => [ours(note.ticks), ours(note.durationTicks), note.midi])
    .sort((a, b) => a[0] - b[0] || a[2] - b[2]);
}
