// How quickly a version wrote what was asked of it here: no promise, but what this machine has shown.
import type { MelodySummary } from "@/lib/api/wire";

export interface Speed {
  /** Of one melody, while others may have been written beside it; the median. */
  tokensPerSecond: number;
  melodies: number;
}

export function speedsOf(melodies: readonly MelodySummary[]): ReadonlyMap<string, Speed> {
  const rates = new Map<string, number[]>();
  for (const { model, num_tokens, seconds } of melodies) {
    if (seconds > 0) rates.set(model, [...(rates.get(model) ?? []), num_tokens / seconds]);
  }
  return new Map([...rates].map(([model, all]) => [model, { tokensPerSecond: median(all), melodies: all.length }]));
}

function median(all: readonly number[]): number {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
