import { expect, it } from "vitest";

import { bySortOrder, SORT_ORDERS, type Tile } from "@/lib/batch/sortOrders";

const tile = (index: number, numNotes: number, lowestPitch: number | null, highestPitch: number | null): Tile => ({ index, id: `${index}`, numNotes, lowestPitch, highestPitch });
const TILES = [tile(3, 0, null, null), tile(0, 5, 60, 72), tile(2, 9, 40, 45), tile(1, 5, 64, 80), tile(4, 0, null, null)];

it.each([
  ["number", [0, 1, 2, 3, 4]],
  ["most notes", [2, 0, 1, 3, 4]],
  ["fewest notes", [3, 4, 0, 1, 2]],
  ["widest range", [1, 0, 2, 3, 4]],
  ["narrowest range", [2, 0, 1, 3, 4]],
  ["highest pitch", [1, 0, 2, 3, 4]],
  ["lowest pitch", [2, 0, 1, 3, 4]],
])("sorts by %s", (name, expected) => {
  expect(SORT_ORDERS).toHaveProperty([name]);
  expect([...TILES].sort(bySortOrder(name)).map(({ index }) => index)).toEqual(expected);
});
