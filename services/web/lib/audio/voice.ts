// What can sound a note: oscillators, a sound font, or a device behind a cable.
import type { Piece } from "@/lib/music/piece";

export interface Sound {
  /** Seconds on the context's clock. */
  at: number;
  seconds: number;
  pitch: number;
  velocity: number;
  /** General MIDI program, counted from 0. */
  program: number;
}

export interface Voice {
  /** Which of all it is: `oscillators`, `font`, or a device's own. */
  readonly id: string;
  play(sound: Sound): void;
  /** At once, what sounds and what was to sound. */
  silence(): void;
  /** A whole piece as it sounds here, in memory; only where no other voice can stand in for it. */
  render?(piece: Piece): Promise<AudioBuffer>;
}
