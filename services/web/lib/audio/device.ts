// A MIDI device behind the browser's Web MIDI: it is told when to sound, by its own clock.
import type { Sound, Voice } from "./voice";

const [NOTE_ON, NOTE_OFF, PROGRAM, CONTROL] = [0x90, 0x80, 0xc0, 0xb0];
const ALL_SOUND_OFF = 120;

/** Those that are plugged in; the browser asks the person first. */
export async function devices(): Promise<MIDIOutput[]> {
  const access = await navigator.requestMIDIAccess();
  return [...access.outputs.values()];
}

export class Device implements Voice {
  readonly id: string;
  #program = -1;

  constructor(
    readonly context: AudioContext,
    readonly output: MIDIOutput,
  ) {
    this.id = output.id;
  }

  play({ at, seconds, pitch, velocity, program }: Sound): void {
    const when = performance.now() + (at - this.context.currentTime) * 1000;
    if (program !== this.#program) this.output.send([PROGRAM, program], when);
    this.#program = program;
    this.output.send([NOTE_ON, pitch, velocity], when);
    this.output.send([NOTE_OFF, pitch, 0], when + seconds * 1000);
  }

  silence(): void {
    (this.output as MIDIOutput & { clear?: () => void }).clear?.(); // not in every browser
    this.output.send([CONTROL, ALL_SOUND_OFF, 0]);
  }
}
