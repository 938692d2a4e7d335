// The bars of a piece: where each begins, how long it is, and its time signature.
import type { components } from "@/lib/api/schema";

import { type Range, TICKS_PER_QUARTER } from "./time";

/** Start and length in ticks, numerator and denominator of the time signature. */
export type Bar = components["schemas"]["Bar"];
export type Bars = readonly Bar[];

export const COMMON_TIME = "4/4";
const TICKS_PER_WHOLE_NOTE = 4 * TICKS_PER_QUARTER;
const SHORTEST_BEAT = 32;

/** Ticks of a whole bar of a time signature. */
const wholeBar = (numerator: number, denominator: number): number => (TICKS_PER_WHOLE_NOTE * numerator) / denominator;

/** Bars of one time signature, such as `3/4`, from a tick on. */
export function regularBars(count: number, timeSignature = COMMON_TIME, from = 0): Bar[] {
  const [numerator = 4, denominator = 4] = timeSignature.split("/").map(Number);
  const length = wholeBar(numerator, denominator);
  return Array.from({ length: count }, (_, bar): Bar => [from + bar * length, length, numerator, denominator]);
}

/** Bars of 4/4 up to a tick, at least one. */
export const barsUpTo = (end: number): Bar[] => regularBars(Math.max(1, Math.ceil(end / TICKS_PER_WHOLE_NOTE)));

/** The bars and `count` more ones, in a time signature or in that of the last bar. */
export function extendBars(bars: Bars, count: number, timeSignature: string | null): Bar[] {
  const last = bars.at(-1);
  return [...bars, ...regularBars(count, timeSignature ?? (last && timeSignatureOf(last)), endOf(bars))];
}

export const timeSignatureOf = ([, , numerator, denominator]: Bar): string => `${numerator}/${denominator}`;

/** The time signatures as models count them: every one that is as long as 4/4 is 4/4. A short first bar has none. */
export function metresOf(bars: Bars): string[] {
  const whole = isPickup(bars) ? bars.slice(1) : bars;
  return [...new Set(whole.map((bar) => (wholeBar(bar[2], bar[3]) === TICKS_PER_WHOLE_NOTE ? COMMON_TIME : timeSignatureOf(bar))))];
}

/** Whether the first bar is shorter than the second one. */
const isPickup = ([first, second]: Bars): boolean => first !== undefined && second !== undefined && first[1] < second[1];

/** The tick at which the last bar ends. */
export function endOf(bars: Bars): number {
  const last = bars.at(-1);
  return last === undefined ? 0 : last[0] + last[1];
}

/** The tick at which a bar begins; the end if there is no such bar. */
export const lineBefore = (bars: Bars, bar: number): number => bars[bar]?.[0] ?? endOf(bars);

/** Index of the bar that a tick is in; ticks outside are in the first or the last bar. */
export function barAt(bars: Bars, tick: number): number {
  let low = 0;
  let high = bars.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((bars[middle] as Bar)[0] <= tick) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The range of two bars and those between, in any order. */
export const barRange = (bars: Bars, one: number, other: number): Range => ({
  from: lineBefore(bars, Math.min(one, other)),
  to: lineBefore(bars, Math.max(one, other) + 1),
});

/** The indices of the bars in a range that begins and ends at bar lines. */
export function barsIn(bars: Bars, { from, to }: Range): number[] {
  const first = barAt(bars, from);
  return Array.from({ length: barAt(bars, to - 1) - first + 1 }, (_, i) => first + i);
}

/** Number of bars up to a tick. */
export const countBars = (bars: Bars, tick: number): number => (tick <= 0 ? 0 : barAt(bars, tick - 1) + 1);

/** Ticks of a beat; three eighths in 6/8, 9/8 and 12/8. */
export function beatLength([, , numerator, denominator]: Bar): number {
  const isCompound = denominator >= 8 && numerator > 3 && numerator % 3 === 0;
  return wholeBar(isCompound ? 3 : 1, denominator);
}

/** The ticks of the beats of a bar. */
export function beatsOf(bar: Bar): number[] {
  const [start, length] = bar;
  const beat = beatLength(bar);
  const first = firstBeat(bar);
  return Array.from({ length: Math.ceil((length - first) / beat) }, (_, i) => start + first + i * beat);
}

/** Ticks from the start of a bar to its first beat: a bar that is shorter than its time signature ends with whole beats. */
const firstBeat = (bar: Bar): number => (isWhole(bar) ? 0 : bar[1] % beatLength(bar));

/** Whether a bar is as long as its time signature says. */
export const isWhole = ([, length, numerator, denominator]: Bar): boolean => length === wholeBar(numerator, denominator);

/** Formats a tick as `bar.beat`, both counted from 1. */
export function formatBarBeat(bars: Bars, tick: number): string {
  const index = barAt(bars, tick);
  const bar = bars[index];
  if (bar === undefined) return "1.1";
  return `${index + 1}.${Math.floor(Math.max(0, tick - bar[0]) / beatLength(bar)) + 1}`;
}

/** The time signatures that a MIDI file needs for these bars; a short bar has one of its own length. */
export function timeSignatureChanges(bars: Bars): { tick: number; numerator: number; denominator: number }[] {
  const all = bars.map((bar, index) => ({ tick: bar[0], ...(index < bars.length - 1 ? signatureOfLength(bar) : { numerator: bar[2], denominator: bar[3] }) }));
  return all.filter(({ numerator, denominator }, i) => i === 0 || numerator !== all[i - 1]?.numerator || denominator !== all[i - 1]?.denominator);
}

function signatureOfLength(bar: Bar): { numerator: number; denominator: number } {
  const [, length, numerator, denominator] = bar;
  if (isWhole(bar)) return { numerator, denominator };
  let unit = denominator;
  while ((length * unit) % TICKS_PER_WHOLE_NOTE !== 0 && unit < SHORTEST_BEAT) unit *= 2;
  return { numerator: Math.max(1, Math.round((length * unit) / TICKS_PER_WHOLE_NOTE)), denominator: unit };
}
