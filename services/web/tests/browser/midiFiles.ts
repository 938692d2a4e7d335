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

/** Encodes a lead and a bass, whose first bar has one quarter note and the others four. */
export function encodePickup(bars: number): Buffer {
  const midi = new tonejs.Midi();
  midi.header.timeSignatures = [{ ticks: 0, timeSignature: [1, 4] }, { ticks: 480, timeSignature: [4, 4] }];
  const [lead, bass] = [midi.addTrack(), midi.addTrack()];
  Object.assign(lead, { name: "Lead" });
  Object.assign(bass, { name: "Bass", channel: 1 });
  for (let i = 0; i < 4 * bars - 3; i++) lead.addNote({ midi: 60 + ((i * 5) % 12), ticks: i * 480, durationTicks: 480 });
  for (let bar = 1; bar < bars; bar++) bass.addNote({ midi: 36 + bar, ticks: bar * 1920 - 1440, durationTicks: 1920 });
  return Buffer.from(midi.toArray());
}

/** Encodes a note in each of many bars of 4/4. */
export function encodeBars(count: number): Buffer {
  const midi = new tonejs.Midi();
  const track = midi.addTrack();
  for (let bar = 0; bar < count; bar++) track.addNote({ midi: 60 + (bar % 12), ticks: bar * 1920, durationTicks: 1920 });
  return Buffer.from(midi.toArray());
}

/** Reads the time signatures: their ticks, numerators and denominators. */
export async function readTimeSignatures(path: string): Promise<number[][]> {
  const midi = new tonejs.Midi(await readFile(path));
  return midi.header.timeSignatures.map(({ ticks, timeSignature }) => [ticks, ...timeSignature]);
}

export interface MidiTrack {
  name: string;
  channel: number;
  program: number;
  /** The start, duration and pitch of each note. */
  notes: [number, number, number][];
}

/** Reads the tracks that have notes, of a file with 480 ticks per quarter note. */
export async function readTracks(path: string): Promise<MidiTrack[]> {
  const midi = new tonejs.Midi(await readFile(path));
  return midi.tracks
    .filter(({ notes }) => notes.length > 0)
    .map(({ name, channel, instrument, notes }) => ({
      ...{ name, channel, program: instrument.number },
      notes: notes.map((note): [number, number, number] => [note.ticks, note.durationTicks, note.midi]),
    }));
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
