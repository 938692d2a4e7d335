// When notes begin in a WAV file: where its energy, without what rang on, rises most near a time.
const HEADER = 44;
const FRAME = 4;
const RATE = 44_100;
const WINDOW = Math.round(RATE * 0.004);
const NEAR = 0.05;

/** For each expected time, the time of the steepest rise within 50 ms. */
export function onsetsIn(file: Buffer, expected: readonly number[]): number[] {
  const samples = Array.from({ length: (file.length - HEADER) / FRAME }, (_, i) => file.readInt16LE(HEADER + i * FRAME));
  // Second differences: a new attack is bright, what rings on is not.
  const energy = (window: number): number => {
    let sum = 0;
    for (let i = Math.max(2, window * WINDOW); i < Math.min(samples.length, (window + 1) * WINDOW); i++) {
      const bend = (samples[i] ?? 0) - 2 * (samples[i - 1] ?? 0) + (samples[i - 2] ?? 0);
      sum += bend * bend;
    }
    return sum;
  };
  return expected.map((time) => {
    const reach = Math.round((NEAR * RATE) / WINDOW);
    const middle = Math.round((time * RATE) / WINDOW);
    let best = { rise: -Infinity, window: middle };
    for (let window = Math.max(0, middle - reach); window <= middle + reach; window++) {
      const rise = energy(window) - (window === 0 ? 0 : energy(window - 1));
      if (rise > best.rise) best = { rise, window };
    }
    return ((best.window + 0.5) * WINDOW) / RATE;
  });
}
