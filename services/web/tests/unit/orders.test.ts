import { expect, it } from "vitest";

import { inOrder, ORDERS, type Tile } from "@/lib/batch/orders";

const tile = (index: number, numNotes: number, lowest: number | null, highest: number | null): Tile => ({ index, id: `${index}`, numNotes, lowest, highest });
const TILES = [tile(3, 0, null, null), tile(0, 5, 60, 72), tile(2, 9, 40, 45), tile(1, 5, 64, 80), tile(4, 0, null, null)];

it.each([
  ["in order", [0, 1, 2, 3, 4]],
  ["most notes first", [2, 0, 1, 3, 4]],
  ["fewest notes first", [3, 4, 0, 1, 2]],
  ["widest range first", [1, 0, 2, 3, 4]],
  ["narrowest range first", [2, 0, 1, 3, 4]],
  ["highest first", [1, 0, 2, 3, 4]],
  ["lowest first", [2, 0, 1, 3, 4]],
])("%s", (name, expected) => {
  expect(ORDERS).toHaveProperty([name]);
  expect([...TILES].sort(inOrder(name)).map(({ index }) => index)).toEqual(expected);
});
