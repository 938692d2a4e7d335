// Finds note onsets in a WAV file: the steepest rise of energy near each expected time.
const HEADER_BYTES = 44;
const BYTES_PER_FRAME = 4;
const SAMPLE_RATE = 44_100;
const WINDOW = Math.round(SAMPLE_RATE * 0.004);
const MAX_DISTANCE_SECONDS = 0.05;

/** For each expected time in seconds, the time of the steepest rise within 50 ms. */
export function findOnsets(file: Buffer, expected: readonly number[]): number[] {
  const samples = Array.from({ length: (file.length - HEADER_BYTES) / BYTES_PER_FRAME }, (_, i) => file.readInt16LE(HEADER_BYTES + i * BYTES_PER_FRAME));
  // Second differences emphasize high frequencies, which an attack has and a sustained note lacks.
  const energy = (window: number): number => {
    let sum = 0;
    for (let i = Math.max(2, window * WINDOW); i < Math.min(samples.length, (window + 1) * WINDOW); i++) {
      const difference = (samples[i] ?? 0) - 2 * (samples[i - 1] ?? 0) + (samples[i - 2] ?? 0);
      sum += difference * difference;
    }
    return sum;
  };
  return expected.map((time) => {
    const distance = Math.round((MAX_DISTANCE_SECONDS * SAMPLE_RATE) / WINDOW);
    const middle = Math.round((time * SAMPLE_RATE) / WINDOW);
    let best = { rise: -Infinity, window: middle };
    for (let window = Math.max(0, middle - distance); window <= middle + distance; window++) {
      const rise = energy(window) - (window === 0 ? 0 : energy(window - 1));
      if (rise > best.rise) best = { rise, window };
    }
    return ((best.window + 0.5) * WINDOW) / SAMPLE_RATE;
  });
}
