// Chords by their names, as the gateway knows them, and a progression as a person types it: a chord a
// bar, and after the last comes the first again.
const CHORD = /^[A-G][#b]?(?:m|dim|aug|sus2|sus4|5|6|m6|7|maj7|m7|mmaj7|dim7|m7b5|9|maj9|m9|add9)?$/;

export const isChord = (name: string): boolean => CHORD.test(name);

/** `Am7 | D♭ G7` has three. */
export const readProgression = (text: string): string[] =>
  text.replaceAll("♭", "b").replaceAll("♯", "#").split(/[\s,|]+/).filter(Boolean);

/** The same progression from the bar at which `bars` have gone by. */
export const after = (bars: number, progression: readonly string[]): string[] => {
  const gone = bars % progression.length;
  return [...progression.slice(gone), ...progression.slice(0, gone)];
};
