// Writes and reads MIDI files with a third-party library, in ticks of 1/480 quarter note.
import { readFile } from "node:fs/promises";

import tonejs from "@tonejs/midi"; // CommonJS, whose named exports Node does not detect

/** Encodes consecutive quarter notes. */
export function encodeMidi(pitches: number[]): Buffer {
  const midi = new tonejs.Midi();
  const track = midi.addTrack();
  pitches.forEach((pitch, i) => track.addNote({ midi: pitch, ticks: i * 480, durationTicks: 480 }));
  return Buffer.from(midi.toArray());
}

/** Reads the start, duration and pitch of each note. */
export async function readNotes(path: string): Promise<[number, number, number][]> {
  const midi = new tonejs.Midi(await readFile(path));
  const toTicks = (fileTicks: number) => Math.round((fileTicks * 480) / midi.header.ppq);
  return midi.tracks
    .flatMap((track) => track.notes)
    .map((note): [number, number, number] => [toTicks(note.ticks), toTicks(note.durationTicks), note.midi])
    .sort((a, b) => a[0] - b[0] || a[2] - b[2]);
}
