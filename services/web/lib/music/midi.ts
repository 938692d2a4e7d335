// Writes Standard MIDI Files.
import { Midi } from "@tonejs/midi";

import { timeSignatureChanges } from "./bars";
import { type Clip, temposOf, tracksOf } from "./clip";

const DRUM_CHANNEL = 9;
const PITCHED_CHANNELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15];
const MICROSECONDS_PER_MINUTE = 60e6;

/** The MIDI channel of a track, counted from 0. */
export const midiChannel = (track: number, isDrum: boolean): number => (isDrum ? DRUM_CHANNEL : (PITCHED_CHANNELS[track % PITCHED_CHANNELS.length] ?? 0));

/** The library truncates microseconds per quarter note; this makes it round them. */
const roundedTempo = (tempo: number): number => MICROSECONDS_PER_MINUTE / (Math.round(MICROSECONDS_PER_MINUTE / tempo) + 0.5);

/** The library writes one byte per character; these are the bytes of UTF-8. */
const utf8 = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text));

/** Writes all tracks of a clip's file, with its time signatures. */
export function writeMidi(clip: Clip): Uint8Array<ArrayBuffer> {
  const midi = new Midi();
  midi.header.tempos = temposOf(clip).map(([ticks, tempo]) => ({ ticks, bpm: roundedTempo(tempo) }));
  midi.header.timeSignatures = timeSignatureChanges(clip.bars).map(({ tick, numerator, denominator }) => ({ ticks: tick, timeSignature: [numerator, denominator] }));
  tracksOf(clip).forEach(({ name, program, is_drum, notes }, index) => {
    const track = midi.addTrack();
    track.name = utf8(name);
    track.channel = midiChannel(index, is_drum);
    track.instrument.number = program;
    for (const [ticks, durationTicks, pitch, velocity] of notes) track.addNote({ midi: pitch, ticks, durationTicks, velocity: velocity / 127 });
  });
  return new Uint8Array(midi.toArray());
}
