// Sort orders of the melodies of a batch.
import type { MelodySummary } from "@/lib/api/types";

export type SortKeys = Pick<MelodySummary, "index" | "num_notes" | "lowest_pitch" | "highest_pitch">;

export const DEFAULT_SORT_ORDER = "number";

/** Label and sort key; greater keys come first, and melodies without notes last. */
export const SORT_ORDERS: Readonly<Record<string, (melody: SortKeys) => number>> = {
  [DEFAULT_SORT_ORDER]: () => 0,
  "most notes": ({ num_notes }) => num_notes,
  "fewest notes": ({ num_notes }) => -num_notes,
  "widest range": ({ lowest_pitch, highest_pitch }) => (highest_pitch ?? -Infinity) - (lowest_pitch ?? 0),
  "narrowest range": ({ lowest_pitch, highest_pitch }) => (lowest_pitch ?? -Infinity) - (highest_pitch ?? 0),
  "highest pitch": ({ highest_pitch }) => highest_pitch ?? -Infinity,
  "lowest pitch": ({ lowest_pitch }) => -(lowest_pitch ?? Infinity),
};

/** A comparator for `sort`; ties are ordered by index. */
export function bySortOrder(name: string): (a: SortKeys, b: SortKeys) => number {
  const sortKey = SORT_ORDERS[name];
  return (a, b) => (sortKey && sortKey(b) - sortKey(a)) || a.index - b.index;
}
