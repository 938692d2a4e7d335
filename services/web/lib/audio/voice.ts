// The interface of sound sources: oscillators, a sound font or a MIDI device.
import type { Clip } from "@/lib/music/clip";

export interface TimedNote {
  /** Start in seconds on the context's clock. */
  startsAt: number;
  seconds: number;
  pitch: number;
  velocity: number;
  /** Index of its track. */
  track: number;
  isDrum: boolean;
  /** General MIDI program, counted from 0. */
  program: number;
}

export interface Voice {
  /** `oscillators`, `font` or the id of a MIDI device. */
  readonly id: string;
  play(note: TimedNote): void;
  /** Stops sounding and scheduled notes immediately. */
  stopAll(): void;
  /** Renders a clip offline; voices without it are rendered by the oscillators. */
  render?(clip: Clip): Promise<AudioBuffer>;
}
