// The speed at which a version generates on this server, measured from the latest melodies.
import type { MelodySummary } from "@/lib/api/types";

export interface GenerationSpeed {
  /** Median over melodies; other melodies may have been generated at the same time. */
  tokensPerSecond: number;
  numMelodies: number;
}

/** Generation speeds by model version. */
export function generationSpeeds(melodies: readonly MelodySummary[]): ReadonlyMap<string, GenerationSpeed> {
  const rates = new Map<string, number[]>();
  for (const { model, num_tokens, generation_seconds } of melodies) {
    if (generation_seconds > 0) rates.set(model, [...(rates.get(model) ?? []), num_tokens / generation_seconds]);
  }
  return new Map([...rates].map(([model, values]) => [model, { tokensPerSecond: median(values), numMelodies: values.length }]));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
