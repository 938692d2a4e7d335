// The chord names that the gateway accepts, and progressions: one chord per bar, repeated.
const CHORD_NAME = /^[A-G][#b]?(?:m|dim|aug|sus2|sus4|5|6|m6|7|maj7|m7|mmaj7|dim7|m7b5|9|maj9|m9|add9)?$/;

export const isChord = (name: string): boolean => CHORD_NAME.test(name);

/** Splits text at spaces, commas and bar lines: `Am7 | D♭ G7` has three chords. */
export const parseProgression = (text: string): string[] =>
  text.replaceAll("♭", "b").replaceAll("♯", "#").split(/[\s,|]+/).filter(Boolean);

/** Rotates a progression so that it starts after `bars` bars. */
export const rotateProgression = (bars: number, progression: readonly string[]): string[] => {
  const offset = bars % progression.length;
  return [...progression.slice(offset), ...progression.slice(0, offset)];
};
