// The chord names that the gateway accepts, and progressions: one chord per bar, repeated.
import { CHORD_QUALITIES } from "./chordQualities";

const CHORD_NAME = /^[A-Ga-g][#b]?(.*?)(\/[A-Ga-g][#b]?)?$/;
const KINDS = new Set(["", ...CHORD_QUALITIES]);

export const isChord = (name: string): boolean => KINDS.has(CHORD_NAME.exec(name)?.[1] ?? "?");

/** Splits text at spaces, commas and bar lines: `Am7 | D♭ G7` has three chords. */
export const parseProgression = (text: string): string[] =>
  text.replaceAll("♭", "b").replaceAll("♯", "#").split(/[\s,|]+/).filter(Boolean);

/** Rotates a progression so that it starts after `bars` bars. */
export const rotateProgression = (bars: number, progression: readonly string[]): string[] => {
  const offset = bars % progression.length;
  return [...progression.slice(offset), ...progression.slice(0, offset)];
};
