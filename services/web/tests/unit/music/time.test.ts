import { expect, it } from "vitest";

import { formatClock } from "@/lib/music/time";

it.each([
  [0, "0:00"],
  [187.9, "3:07"],
  [3599, "59:59"],
  [3600, "1:00:00"],
  [40_029, "11:07:09"],
])("formats %d seconds as %s", (seconds, expected) => {
  expect(formatClock(seconds)).toBe(expected);
});
