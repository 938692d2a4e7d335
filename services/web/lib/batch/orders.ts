// The orders in which the melodies of a batch can be looked through.
import type { Gist } from "@/lib/music/performance";

/** A melody of a batch, before its notes are here. */
export interface Tile extends Gist {
  index: number;
  id: string;
}

/** By what a tile is before others; the greater first, and the silent last. */
export const ORDERS: Readonly<Record<string, (tile: Tile) => number>> = {
  "in order": () => 0,
  "most notes first": ({ numNotes }) => numNotes,
  "fewest notes first": ({ numNotes }) => -numNotes,
  "widest range first": ({ lowest, highest }) => (highest ?? -Infinity) - (lowest ?? 0),
  "narrowest range first": ({ lowest, highest }) => (lowest ?? -Infinity) - (highest ?? 0),
  "highest first": ({ highest }) => highest ?? -Infinity,
  "lowest first": ({ lowest }) => -(lowest ?? Infinity),
};

/** Compares for sorting; what is alike stays as it was asked for. */
export function inOrder(name: string): (a: Tile, b: Tile) => number {
  const rank = ORDERS[name];
  return (a, b) => (rank && rank(b) - rank(a)) || a.index - b.index;
}
