// How surprised a version is by the next note of held-out music, told apart by what may be set side by side.
import type { ModelVersion } from "@/lib/api/wire";

import { at, numberAt, setsOf, textAt } from "./card";

export interface Surprise {
  /** The set of music, where the version learnt from several; else null. */
  set: string | null;
  natsPerNote: number;
  /** What of the music it leaves out, if anything. */
  note: string | null;
  /** Two numbers may be compared if this is the same: one music, and the same of it foretold. */
  kind: string;
}

export function surprisesOf({ data, evaluation }: ModelVersion): Surprise[] {
  const note = textAt(evaluation, "note");
  const kindOf = (set: string) => `${set}: ${note ?? "all that is heard"}`;
  const judged = at(evaluation, "by_set");
  const sets = namesOf(data).filter((set) => at(judged, set) !== undefined);
  if (sets.length > 1) {
    return sets.flatMap((set) => {
      const natsPerNote = numberAt(judged, set, "nats_per_note");
      return natsPerNote === null ? [] : [{ set, natsPerNote, note, kind: kindOf(set) }];
    });
  }
  const natsPerNote = numberAt(evaluation, "nats_per_note");
  return natsPerNote === null ? [] : [{ set: null, natsPerNote, note, kind: kindOf(namesOf(data).join(", ")) }];
}

/** The sets that it learnt from, in the order in which the card lists them. */
const namesOf = (data: unknown): string[] => setsOf(data).flatMap((set) => textAt(set, "name") ?? []);

/** The least nats per note of each kind. */
export function leastOf(models: readonly ModelVersion[]): ReadonlyMap<string, number> {
  const least = new Map<string, number>();
  for (const { kind, natsPerNote } of models.flatMap(surprisesOf)) {
    least.set(kind, Math.min(natsPerNote, least.get(kind) ?? Infinity));
  }
  return least;
}
