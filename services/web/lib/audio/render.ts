// Renders a clip to audio faster than real time, and encodes audio as WAV.
import type { Clip } from "@/lib/music/clip";

import { createOfflineContext } from "./offlineContext";
import { OscillatorSynth } from "./oscillatorSynth";
import { completeSource } from "./player";
import { Schedule } from "./schedule";

/** Renders a clip with the schedule and synthesizer of playback. */
export async function renderClip(clip: Clip): Promise<AudioBuffer> {
  const { context, output, seconds } = createOfflineContext(clip);
  const voice = new OscillatorSynth(context, output);
  for (const due of new Schedule({ ...completeSource(clip), loop: null }, 0, 0).plan(0, seconds)) {
    if (due.kind === "note") voice.play(due);
  }
  return context.startRendering();
}

/** Encodes audio as 16-bit PCM in a RIFF/WAVE file (IBM and Microsoft 1991). */
export function encodeWav(buffer: AudioBuffer): Blob {
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, i) => buffer.getChannelData(i));
  const bytesPerFrame = 2 * channels.length;
  const size = buffer.length * bytesPerFrame;
  const view = new DataView(new ArrayBuffer(44 + size));
  const setText = (offset: number, text: string) =>
    new TextEncoder().encode(text).forEach((byte, i) => view.setUint8(offset + i, byte));
  setText(0, "RIFF");
  view.setUint32(4, 36 + size, true);
  setText(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, buffer.sampleRate, true);
  view.setUint32(28, buffer.sampleRate * bytesPerFrame, true);
  view.setUint16(32, bytesPerFrame, true);
  view.setUint16(34, 16, true);
  setText(36, "data");
  view.setUint32(40, size, true);
  for (let i = 0, offset = 44; i < buffer.length; i++) {
    for (const channel of channels) {
      view.setInt16(offset, Math.max(-1, Math.min(1, channel[i] ?? 0)) * 0x7fff, true);
      offset += 2;
    }
  }
  return new Blob([view.buffer], { type: "audio/wav" });
}
