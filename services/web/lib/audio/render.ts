// A piece as sound in memory, faster than it plays, and as a WAV file.
import { lengthOf, type Piece } from "@/lib/music/piece";

import { offline } from "./offline";
import { Oscillators } from "./oscillators";
import { Schedule } from "./schedule";

/** The same schedule and the same oscillators as when it is played. */
export async function render(piece: Piece): Promise<AudioBuffer> {
  const { context, output, seconds } = offline(piece);
  const voice = new Oscillators(context, output);
  const score = { notes: piece.notes, tempo: piece.tempo, end: lengthOf(piece), isComplete: true, loop: null };
  for (const due of new Schedule(score, 0, 0).plan(0, seconds)) {
    if (due.kind === "note") voice.play({ ...due, program: piece.instrument });
  }
  return context.startRendering();
}

/** 16-bit PCM, as RIFF/WAVE has it (Microsoft and IBM 1991). */
export function wav(buffer: AudioBuffer): Blob {
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, i) => buffer.getChannelData(i));
  const frame = 2 * channels.length;
  const size = buffer.length * frame;
  const view = new DataView(new ArrayBuffer(44 + size));
  const text = (at: number, letters: string) =>
    new TextEncoder().encode(letters).forEach((byte, i) => view.setUint8(at + i, byte));
  text(0, "RIFF");
  view.setUint32(4, 36 + size, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, buffer.sampleRate, true);
  view.setUint32(28, buffer.sampleRate * frame, true);
  view.setUint16(32, frame, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, size, true);
  for (let i = 0, at = 44; i < buffer.length; i++) {
    for (const channel of channels) {
      view.setInt16(at, Math.max(-1, Math.min(1, channel[i] ?? 0)) * 0x7fff, true);
      at += 2;
    }
  }
  return new Blob([view.buffer], { type: "audio/wav" });
}
