// Which part of a piece a piano roll shows, and where on it a tick or a pitch lies. Pure.
import type { Note } from "@/lib/api/wire";
import { TICKS_PER_BAR } from "@/lib/music/time";

export interface View {
  /** First tick that is shown. */
  from: number;
  ticksPerPixel: number;
}

export interface Pitches {
  low: number;
  high: number;
}

export const RULER = 26;
export const KEYBOARD = 40;

const NARROWEST_BAR = 3;
const WIDEST_BAR = 900;
const USUAL = { low: 55, high: 79 };

/** All bars on the width, unless they would be too wide. */
export const fit = (bars: number, width: number): View => ({
  from: 0,
  ticksPerPixel: (Math.max(bars, 1) * TICKS_PER_BAR) / Math.max(1, width - KEYBOARD),
});

export const xOf = (view: View, tick: number): number => KEYBOARD + (tick - view.from) / view.ticksPerPixel;

export const tickAt = (view: View, x: number): number => view.from + (x - KEYBOARD) * view.ticksPerPixel;

/** Closer by a factor; what is at `x` stays there. */
export function zoom(view: View, factor: number, x: number, end: number, width: number): View {
  const ticksPerPixel = Math.min(
    Math.max(view.ticksPerPixel / factor, TICKS_PER_BAR / WIDEST_BAR),
    TICKS_PER_BAR / NARROWEST_BAR,
  );
  return held({ from: tickAt(view, x) - (x - KEYBOARD) * ticksPerPixel, ticksPerPixel }, end, width);
}

export const scroll = (view: View, pixels: number, end: number, width: number): View =>
  held({ ...view, from: view.from + pixels * view.ticksPerPixel }, end, width);

/** A page further when the playhead leaves this one. */
export function follow(view: View, tick: number, end: number, width: number): View {
  const x = xOf(view, tick);
  if (x >= KEYBOARD && x <= width * 0.92) return view;
  return held({ ...view, from: tick - (width - KEYBOARD) * view.ticksPerPixel * 0.06 }, end, width);
}

function held(view: View, end: number, width: number): View {
  const last = Math.max(0, end - (width - KEYBOARD) * view.ticksPerPixel);
  return { ...view, from: Math.min(Math.max(0, view.from), last) };
}

/** Two octaves or more around what sounds, by whole octaves so that it rarely moves. */
export function pitchesOf(notes: readonly Note[]): Pitches {
  let { low, high } = USUAL;
  for (const [, , pitch] of notes) {
    while (pitch < low + 1 && low > 0) low = Math.max(0, low - 6);
    while (pitch > high - 1 && high < 127) high = Math.min(127, high + 6);
  }
  return { low, high };
}
