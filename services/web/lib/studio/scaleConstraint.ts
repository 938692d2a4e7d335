// A scale that restricts the generated notes, as the gateway and links encode it.
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

/** Formats a constraint, such as `D dorian`. */
export const formatScaleConstraint = ({ tonic, mode }: ScaleConstraint): string => `${tonic} ${mode}`;

/** Parses text such as `D dorian`; null if it is not a scale. */
export function parseScaleConstraint(text: string | null): ScaleConstraint | null {
  const [, tonic, name] = /^([A-G][#b]?) (.+)$/.exec(text ?? "") ?? [];
  const mode = MODES.find((candidate) => candidate === name);
  return tonic === undefined || mode === undefined ? null : { tonic, mode };
}
