// Standard MIDI files, in and out.
import { Midi } from "@tonejs/midi";

import type { Note } from "@/lib/api/wire";

import { barsIn, type Piece } from "./piece";
import { TICKS_PER_QUARTER } from "./time";

export function writeMidi(piece: Piece): Uint8Array<ArrayBuffer> {
  const midi = new Midi();
  midi.header.setTempo(piece.tempo);
  midi.header.timeSignatures.push({ ticks: 0, timeSignature: [4, 4] });
  const track = midi.addTrack();
  track.instrument.number = piece.instrument;
  for (const [ticks, durationTicks, pitch, velocity] of piece.notes) {
    track.addNote({ midi: pitch, ticks, durationTicks, velocity: velocity / 127 });
  }
  return new Uint8Array(midi.toArray());
}

/** All tracks but drums together, in our ticks. */
export function readMidi(bytes: ArrayBuffer): Piece {
  const midi = new Midi(bytes);
  const ticks = (count: number) => Math.round((count * TICKS_PER_QUARTER) / midi.header.ppq);
  const tracks = midi.tracks.filter((track) => track.channel !== 9);
  const notes = tracks
    .flatMap((track) => track.notes)
    .map((note): Note => [
      ticks(note.ticks),
      Math.max(1, ticks(note.durationTicks)),
      note.midi,
      Math.max(1, Math.round(note.velocity * 127)),
    ])
    .sort((a, b) => a[0] - b[0] || a[2] - b[2]);
  return {
    notes,
    bars: barsIn(notes),
    tempo: Math.round(midi.header.tempos[0]?.bpm ?? 120),
    instrument: tracks.find((track) => track.notes.length > 0)?.instrument.number ?? 0,
  };
}
