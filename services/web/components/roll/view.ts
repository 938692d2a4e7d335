// The visible part of a piano roll, and conversions between ticks and pixels. Pure.
import type { Note } from "@/lib/api/types";
import { TICKS_PER_QUARTER } from "@/lib/music/time";

export interface View {
  /** First visible tick. */
  from: number;
  ticksPerPixel: number;
}

export interface PitchRange {
  low: number;
  high: number;
}

export const RULER_HEIGHT = 26;
export const KEYBOARD_WIDTH = 40;

const MIN_QUARTER_WIDTH = 0.75;
const MAX_QUARTER_WIDTH = 225;
const DEFAULT_PITCH_RANGE = { low: 55, high: 79 };

/** The view that shows everything up to a tick. */
export const fitView = (end: number, width: number): View => ({
  from: 0,
  ticksPerPixel: Math.max(end, TICKS_PER_QUARTER) / Math.max(1, width - KEYBOARD_WIDTH),
});

export const xOf = (view: View, tick: number): number => KEYBOARD_WIDTH + (tick - view.from) / view.ticksPerPixel;

export const tickAt = (view: View, x: number): number => view.from + (x - KEYBOARD_WIDTH) * view.ticksPerPixel;

/** Zooms by a factor; the tick at `x` keeps its position. */
export function zoom(view: View, factor: number, x: number, end: number, width: number): View {
  const ticksPerPixel = Math.min(
    Math.max(view.ticksPerPixel / factor, TICKS_PER_QUARTER / MAX_QUARTER_WIDTH),
    TICKS_PER_QUARTER / MIN_QUARTER_WIDTH,
  );
  return clampView({ from: tickAt(view, x) - (x - KEYBOARD_WIDTH) * ticksPerPixel, ticksPerPixel }, end, width);
}

export const scroll = (view: View, pixels: number, end: number, width: number): View =>
  clampView({ ...view, from: view.from + pixels * view.ticksPerPixel }, end, width);

/** Scrolls by a page when the playhead leaves the view. */
export function followPlayhead(view: View, tick: number, end: number, width: number): View {
  const x = xOf(view, tick);
  if (x >= KEYBOARD_WIDTH && x <= width * 0.92) return view;
  return clampView({ ...view, from: tick - (width - KEYBOARD_WIDTH) * view.ticksPerPixel * 0.06 }, end, width);
}

function clampView(view: View, end: number, width: number): View {
  const maxFrom = Math.max(0, end - (width - KEYBOARD_WIDTH) * view.ticksPerPixel);
  return { ...view, from: Math.min(Math.max(0, view.from), maxFrom) };
}

/** The pitches to show: at least two octaves. Grows by half octaves, so it rarely changes while notes arrive. */
export function pitchRangeOf(notes: readonly Note[]): PitchRange {
  let { low, high } = DEFAULT_PITCH_RANGE;
  for (const [, , pitch] of notes) {
    while (pitch < low + 1 && low > 0) low = Math.max(0, low - 6);
    while (pitch > high - 1 && high < 127) high = Math.min(127, high + 6);
  }
  return { low, high };
}
