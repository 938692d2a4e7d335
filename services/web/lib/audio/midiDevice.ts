// Plays notes on a MIDI device through the Web MIDI API.
import { midiChannel } from "@/lib/music/midi";

import type { TimedNote, Voice } from "./voice";

const [NOTE_ON, NOTE_OFF, PROGRAM, CONTROL] = [0x90, 0x80, 0xc0, 0xb0];
const ALL_SOUND_OFF = 120;

/** The connected outputs; the browser asks the user for permission first. */
export async function listMidiOutputs(): Promise<MIDIOutput[]> {
  const access = await navigator.requestMIDIAccess();
  return [...access.outputs.values()];
}

export class MidiDevice implements Voice {
  readonly id: string;
  /** The program of each channel. */
  #programs = new Map<number, number>();

  constructor(
    readonly context: AudioContext,
    readonly output: MIDIOutput,
  ) {
    this.id = output.id;
  }

  play({ startsAt, seconds, pitch, velocity, program, track, isDrum }: TimedNote): void {
    const timestamp = performance.now() + (startsAt - this.context.currentTime) * 1000;
    const channel = midiChannel(track, isDrum);
    if (program !== this.#programs.get(channel)) this.output.send([PROGRAM | channel, program], timestamp);
    this.#programs.set(channel, program);
    this.output.send([NOTE_ON | channel, pitch, velocity], timestamp);
    this.output.send([NOTE_OFF | channel, pitch, 0], timestamp + seconds * 1000);
  }

  stopAll(): void {
    (this.output as MIDIOutput & { clear?: () => void }).clear?.(); // some browsers lack it
    for (const channel of this.#programs.keys()) this.output.send([CONTROL | channel, ALL_SOUND_OFF, 0]);
  }
}
