import { expect, it } from "vitest";

import type { TempoMark } from "@/lib/api/types";
import { formatClock, formatTempo, secondsAt, tempoAt } from "@/lib/music/time";

/** 120, from the second quarter on 60, from the fourth on 240. */
const TEMPOS: TempoMark[] = [[0, 120], [480, 60], [1440, 240]];

it.each([
  [0, "0:00"],
  [187.9, "3:07"],
  [3599, "59:59"],
  [3600, "1:00:00"],
  [40_029, "11:07:09"],
])("formats %d seconds as %s", (seconds, expected) => {
  expect(formatClock(seconds)).toBe(expected);
});

it.each([
  [0, 0],
  [240, 0.25],
  [480, 0.5],
  [960, 1.5],
  [1440, 2.5],
  [2400, 3],
])("plays tick %d after %d seconds", (tick, seconds) => {
  expect(secondsAt(TEMPOS, tick)).toBeCloseTo(seconds, 9);
});

it("finds the tempo at a tick, and its end", () => {
  expect(tempoAt(TEMPOS, 479)).toEqual({ tempo: 120, until: 480 });
  expect(tempoAt(TEMPOS, 480)).toEqual({ tempo: 60, until: 1440 });
  expect(tempoAt(TEMPOS, 5000)).toEqual({ tempo: 240, until: Infinity });
  expect(tempoAt([], 0)).toEqual({ tempo: 120, until: Infinity });
});

it("formats a tempo with at most one decimal", () => expect([124, 72.456, 90.04].map(formatTempo)).toEqual(["124", "72.5", "90"]));
