import { expect, it } from "vitest";

import type { MelodySummary } from "@/lib/api/types";
import { indexBefore, ofPage, pageLength, pagesOf } from "@/lib/batch/pages";

it.each([
  [0, 0, []],
  [0, 1, [0]],
  [0, 100, [0]],
  [99, 101, [0, 1]],
  [99_950, 100_000, [999]],
])("the indexes from %d to before %d are on pages %j", (first, end, expected) => {
  expect(pagesOf(first, end)).toEqual(expected);
});

it("requests a page by the index before it", () => {
  expect([indexBefore(0), indexBefore(3)]).toEqual([-1, 299]);
});

it("leaves out melodies of the next page, which the gateway returns if some are missing", () => {
  const melodies = [100, 150, 199, 200, 201].map((index) => ({ index }) as MelodySummary);
  expect(ofPage(1, melodies).map(({ index }) => index)).toEqual([100, 150, 199]);
});

it("knows how many melodies a page has in the end", () => {
  expect([pageLength(0, 250), pageLength(2, 250), pageLength(3, 250)]).toEqual([100, 50, 0]);
});
