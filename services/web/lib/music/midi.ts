// Writes Standard MIDI Files.
import { Midi } from "@tonejs/midi";

import type { Clip } from "./clip";

export function writeMidi(clip: Clip): Uint8Array<ArrayBuffer> {
  const midi = new Midi();
  midi.header.setTempo(clip.tempo);
  midi.header.timeSignatures.push({ ticks: 0, timeSignature: [4, 4] });
  const track = midi.addTrack();
  track.instrument.number = clip.instrument;
  for (const [ticks, durationTicks, pitch, velocity] of clip.notes) {
    track.addNote({ midi: pitch, ticks, durationTicks, velocity: velocity / 127 });
  }
  return new Uint8Array(midi.toArray());
}
