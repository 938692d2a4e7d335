// A scale that the generated notes are restricted to, as the gateway and links encode it.
import type { components } from "@/lib/api/schema";

type Mode = components["schemas"]["Mode"];

export interface ScaleConstraint {
  tonic: string;
  mode: Mode;
}

export const MODES: readonly Mode[] = [
  "major", "minor", "harmonic minor", "melodic minor", "dorian", "phrygian", "lydian",
  "mixolydian", "locrian", "major pentatonic", "minor pentatonic", "blues", "whole tone",
];

/** `D dorian`. */
export const formatScaleConstraint = ({ tonic, mode }: ScaleConstraint): string => `${tonic} ${mode}`;

/** Null if the text is not a scale. */
export function parseScaleConstraint(text: string | null): ScaleConstraint | null {
  const [, tonic, name] = /^([A-G][#b]?) (.+)$/.exec(text ?? "") ?? [];
  const mode = MODES.find((known) => known === name);
  return tonic === undefined || mode === undefined ? null : { tonic, mode };
}
