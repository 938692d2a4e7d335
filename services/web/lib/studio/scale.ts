// The scale that a piece must stay in, as the gateway names it, and as a link says it.
import type { components } from "@/lib/api/schema";

type Mode = components["schemas"]["Mode"];

export interface StrictScale {
  tonic: string;
  mode: Mode;
}

export const MODES: readonly Mode[] = [
  "major", "minor", "harmonic minor", "melodic minor", "dorian", "phrygian", "lydian",
  "mixolydian", "locrian", "major pentatonic", "minor pentatonic", "blues", "whole tone",
];

/** `D dorian`. */
export const scaleText = ({ tonic, mode }: StrictScale): string => `${tonic} ${mode}`;

/** null for what names none. */
export function readScale(text: string | null): StrictScale | null {
  const [, tonic, name] = /^([A-G][#b]?) (.+)$/.exec(text ?? "") ?? [];
  const mode = MODES.find((known) => known === name);
  return tonic === undefined || mode === undefined ? null : { tonic, mode };
}
