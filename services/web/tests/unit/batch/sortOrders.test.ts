import { expect, it } from "vitest";

import { bySortOrder, SORT_ORDERS, type SortKeys } from "@/lib/batch/sortOrders";

const melody = (index: number, num_notes: number, lowest_pitch: number | null, highest_pitch: number | null): SortKeys => ({ index, num_notes, lowest_pitch, highest_pitch });
const MELODIES = [melody(3, 0, null, null), melody(0, 5, 60, 72), melody(2, 9, 40, 45), melody(1, 5, 64, 80), melody(4, 0, null, null)];

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
  expect([...MELODIES].sort(bySortOrder(name)).map(({ index }) => index)).toEqual(expected);
});
