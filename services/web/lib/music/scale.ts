// Keys and scales, names of pitches, and key estimation.
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
  /** Pitch class of the tonic; 0 is C. */
  key: number;
  name: ScaleName;
}

export const isInScale = (scale: Scale, pitch: number): boolean =>
  (SCALES[scale.name] as readonly number[]).includes((((pitch - scale.key) % 12) + 12) % 12);

/** Formats pitch 60 as `C4`. */
export const formatPitch = (pitch: number): string => `${KEYS[pitch % 12] ?? ""}${Math.floor(pitch / 12) - 1}`;

export const isBlackKey = (pitch: number): boolean => [1, 3, 6, 8, 10].includes(pitch % 12);

export const formatScale = (scale: Scale): string => `${KEYS[scale.key] ?? ""} ${scale.name}`;

/** The most likely major or minor key, by the key profiles of Krumhansl and Kessler (1982). */
export function estimateScale(notes: readonly (readonly [number, number, number, number])[]): Scale | null {
  if (notes.length === 0) return null;
  const weights = Array.from({ length: 12 }, () => 0);
  for (const [, duration, pitch] of notes) weights[pitch % 12] = (weights[pitch % 12] ?? 0) + duration;
  const candidates = KEYS.flatMap((_, key) =>
    (["major", "minor"] as const).map((name) => ({ key, name, fit: correlation(weights, KEY_PROFILES[name], key) })),
  );
  const best = candidates.reduce((a, b) => (b.fit > a.fit ? b : a));
  return { key: best.key, name: best.name };
}

const KEY_PROFILES = {
  major: [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
  minor: [6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
};

/** Pearson correlation of the weights with the profile whose tonic is `key`. */
function correlation(weights: number[], profile: number[], key: number): number {
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const weightMean = mean(weights);
  const profileMean = mean(profile);
  let covariance = 0;
  let weightVariance = 0;
  let profileVariance = 0;
  for (let step = 0; step < 12; step++) {
    const weight = (weights[(key + step) % 12] ?? 0) - weightMean;
    const value = (profile[step] ?? 0) - profileMean;
    covariance += weight * value;
    weightVariance += weight * weight;
    profileVariance += value * value;
  }
  return weightVariance === 0 ? 0 : covariance / Math.sqrt(weightVariance * profileVariance);
}
