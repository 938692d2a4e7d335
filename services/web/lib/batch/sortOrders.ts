// Sort orders of the melodies of a batch.
import type { MelodyStats } from "@/lib/music/jobNotes";

/** A melody of a batch, before its notes are fetched. */
export interface Tile extends MelodyStats {
  index: number;
  id: string;
}

export const DEFAULT_SORT_ORDER = "number";

/** Label and sort key; greater keys come first, and melodies without notes last. */
export const SORT_ORDERS: Readonly<Record<string, (tile: Tile) => number>> = {
  [DEFAULT_SORT_ORDER]: () => 0,
  "most notes": ({ numNotes }) => numNotes,
  "fewest notes": ({ numNotes }) => -numNotes,
  "widest range": ({ lowestPitch, highestPitch }) => (highestPitch ?? -Infinity) - (lowestPitch ?? 0),
  "narrowest range": ({ lowestPitch, highestPitch }) => (lowestPitch ?? -Infinity) - (highestPitch ?? 0),
  "highest pitch": ({ highestPitch }) => highestPitch ?? -Infinity,
  "lowest pitch": ({ lowestPitch }) => -(lowestPitch ?? Infinity),
};

/** A comparator for `sort`; ties are ordered by index. */
export function bySortOrder(name: string): (a: Tile, b: Tile) => number {
  const sortKey = SORT_ORDERS[name];
  return (a, b) => (sortKey && sortKey(b) - sortKey(a)) || a.index - b.index;
}
