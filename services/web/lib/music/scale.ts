// Keys and scales: which pitches belong, and what they are called.
export const KEYS = ["C", "D♭", "D", "E♭", "E", "F", "G♭", "G", "A♭", "A", "B♭", "B"] as const;

export const SCALES = {
  major: [0, 2, 4, 5, 7, 9, 11],
  minor: [0, 2, 3, 5, 7, 8, 10],
  dorian: [0, 2, 3, 5, 7, 9, 10],
  mixolydian: [0, 2, 4, 5, 7, 9, 10],
  pentatonic: [0, 2, 4, 7, 9],
} as const;

export type ScaleName = keyof typeof SCALES;

export interface Scale {
  /** Pitch class of the tonic, 0 is C. */
  key: number;
  name: ScaleName;
}

export const belongs = (scale: Scale, pitch: number): boolean =>
  (SCALES[scale.name] as readonly number[]).includes((((pitch - scale.key) % 12) + 12) % 12);

/** `C4` is 60, as in General MIDI. */
export const pitchName = (pitch: number): string => `${KEYS[pitch % 12] ?? ""}${Math.floor(pitch / 12) - 1}`;

export const isBlackKey = (pitch: number): boolean => [1, 3, 6, 8, 10].includes(pitch % 12);

export const nameOf = (scale: Scale): string => `${KEYS[scale.key] ?? ""} ${scale.name}`;

/** The major or minor key that a piece is most likely in, by Krumhansl and Kessler's key profiles (1982). */
export function likelyScale(notes: readonly (readonly [number, number, number, number])[]): Scale | null {
  if (notes.length === 0) return null;
  const weights = Array.from({ length: 12 }, () => 0);
  for (const [, duration, pitch] of notes) weights[pitch % 12] = (weights[pitch % 12] ?? 0) + duration;
  const candidates = KEYS.flatMap((_, key) =>
    (["major", "minor"] as const).map((name) => ({ key, name, fit: correlation(weights, PROFILES[name], key) })),
  );
  const best = candidates.reduce((a, b) => (b.fit > a.fit ? b : a));
  return { key: best.key, name: best.name };
}

const PROFILES = {
  major: [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
  minor: [6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
};

/** Pearson's, of the weights with the profile whose tonic is `key`. */
function correlation(weights: number[], profile: number[], key: number): number {
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const meanW = mean(weights);
  const meanP = mean(profile);
  let both = 0;
  let w2 = 0;
  let p2 = 0;
  for (let step = 0; step < 12; step++) {
    const w = (weights[(key + step) % 12] ?? 0) - meanW;
    const p = (profile[step] ?? 0) - meanP;
    both += w * p;
    w2 += w * w;
    p2 += p * p;
  }
  return w2 === 0 ? 0 : both / Math.sqrt(w2 * p2);
}
