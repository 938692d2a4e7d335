// Held-out negative log-likelihoods of a version, grouped so that only comparable ones are compared.
import type { ModelVersion } from "@/lib/api/types";

export interface Likelihood {
  /** Name of the data set if the version was trained on several, else null. */
  dataset: string | null;
  natsPerNote: number;
  /** The part of the music that the likelihood excludes; null if there is none. */
  limitation: string | null;
  /** Equal for likelihoods that may be compared: those of the same data with the same limitation. */
  comparisonKey: string;
}

type Card = Pick<ModelVersion, "data" | "evaluation">;

export function likelihoodsOf({ data, evaluation }: Card): Likelihood[] {
  const limitation = evaluation.limitation ?? null;
  const keyOf = (datasets: string) => `${datasets}: ${limitation ?? "no limitation"}`;
  const names = data.datasets.map(({ name }) => name);
  const byDataset = names.flatMap((dataset): Likelihood[] => {
    const record = evaluation.by_dataset?.[dataset];
    return record === undefined ? [] : [{ dataset, natsPerNote: record.nats_per_note, limitation, comparisonKey: keyOf(dataset) }];
  });
  if (byDataset.length > 1) return byDataset;
  const natsPerNote = evaluation.nats_per_note ?? null;
  return natsPerNote === null ? [] : [{ dataset: null, natsPerNote, limitation, comparisonKey: keyOf(names.join(", ")) }];
}

/** The lowest nats per note of any version, by comparison key. */
export function lowestNatsPerNote(models: readonly Card[]): ReadonlyMap<string, number> {
  const lowest = new Map<string, number>();
  for (const { comparisonKey, natsPerNote } of models.flatMap(likelihoodsOf)) {
    lowest.set(comparisonKey, Math.min(natsPerNote, lowest.get(comparisonKey) ?? Infinity));
  }
  return lowest;
}
