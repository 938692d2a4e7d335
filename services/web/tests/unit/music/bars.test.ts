import { describe, expect, it } from "vitest";

import { barAt, barRange, type Bars, barsIn, barsUpTo, beatLength, beatsOf, countBars, endOf, extendBars, formatBarBeat, lineBefore, metresOf, regularBars, timeSignatureChanges } from "@/lib/music/bars";

/** A pickup of a quarter, two bars of 3/4, one of 6/8 and one of 4/4. */
const BARS: Bars = [[0, 480, 3, 4], [480, 1440, 3, 4], [1920, 1440, 3, 4], [3360, 1440, 6, 8], [4800, 1920, 4, 4]];

it("has regular bars of each time signature", () => {
  expect(regularBars(2)).toEqual([[0, 1920, 4, 4], [1920, 1920, 4, 4]]);
  expect(regularBars(2, "6/8", 960)).toEqual([[960, 1440, 6, 8], [2400, 1440, 6, 8]]);
  expect(barsUpTo(1921)).toEqual(regularBars(2));
  expect(barsUpTo(0)).toEqual(regularBars(1));
});

it("adds bars in the last or in another time signature", () => {
  expect(extendBars(BARS.slice(0, 2), 1, null)).toEqual(BARS.slice(0, 3));
  expect(extendBars(BARS.slice(0, 3), 1, "6/8")).toEqual(BARS.slice(0, 4));
  expect(extendBars([], 2, null)).toEqual(regularBars(2));
});

describe("the bar at a tick", () => {
  it.each([
    [-5, 0],
    [0, 0],
    [479, 0],
    [480, 1],
    [3359, 2],
    [3360, 3],
    [99_999, 4],
  ])("%d is in bar %d", (tick, bar) => expect(barAt(BARS, tick)).toBe(bar));

  it("counts the bars up to a tick", () => expect([0, 1, 480, 481, 6720].map((tick) => countBars(BARS, tick))).toEqual([0, 1, 1, 2, 5]));

  it("finds the line before a bar, and the end", () => {
    expect([0, 3, 5, 9].map((bar) => lineBefore(BARS, bar))).toEqual([0, 3360, 6720, 6720]);
    expect([endOf(BARS), endOf([])]).toEqual([6720, 0]);
  });
});

it("converts ranges of bars in any order", () => {
  expect(barRange(BARS, 3, 1)).toEqual({ from: 480, to: 4800 });
  expect(barsIn(BARS, { from: 480, to: 4800 })).toEqual([1, 2, 3]);
  expect(barsIn(BARS, barRange(BARS, 4, 4))).toEqual([4]);
});

it("counts beats: quarters in 3/4, dotted quarters in 6/8", () => {
  expect(BARS.map(beatLength)).toEqual([480, 480, 480, 720, 480]);
  expect(beatLength([0, 720, 3, 8])).toBe(240);
  expect(beatsOf([3360, 1440, 6, 8])).toEqual([3360, 4080]);
  expect(beatsOf([0, 480, 3, 4])).toEqual([0]);
  expect(beatsOf([0, 240, 3, 4])).toEqual([]);
  expect(formatBarBeat(BARS, 3360 + 720)).toBe("4.2");
  expect(formatBarBeat(BARS, 480 + 1439)).toBe("2.3");
});

it("knows metres as models count them: a bar of 2/2 is one of 4/4, and a pickup has that of the next bar", () => {
  expect(metresOf(BARS)).toEqual(["3/4", "6/8", "4/4"]);
  expect(metresOf(regularBars(2, "2/2"))).toEqual(["4/4"]);
  expect(metresOf([[0, 480, 1, 4], ...regularBars(2, "3/4", 480)])).toEqual(["3/4"]);
});

it("needs a time signature where one begins, and one for a short bar", () => {
  const signatures = (bars: Bars) => timeSignatureChanges(bars).map(({ tick, numerator, denominator }) => [tick, numerator, denominator]);
  expect(signatures(BARS)).toEqual([[0, 1, 4], [480, 3, 4], [3360, 6, 8], [4800, 4, 4]]);
  expect(signatures([[0, 720, 4, 4], ...regularBars(1, "4/4", 720)])).toEqual([[0, 3, 8], [720, 4, 4]]);
});
