// Musical time: ticks of 1/480 quarter note. Integers do not drift.
import type { TempoMark } from "@/lib/api/types";

export const TICKS_PER_QUARTER = 480;

export interface Range {
  /** First tick. */
  from: number;
  /** First tick after the range. */
  to: number;
}

export const DEFAULT_TEMPO = 120;

export const secondsPerTick = (tempo: number): number => 60 / tempo / TICKS_PER_QUARTER;

/** The seconds from the start to a tick. `tempos` are in order of time; the first one is at 0. */
export const secondsAt = (tempos: readonly TempoMark[], tick: number): number =>
  tempos.reduce((seconds, [start, tempo], i) => {
    const end = Math.min(tempos[i + 1]?.[0] ?? tick, tick);
    return seconds + Math.max(0, end - start) * secondsPerTick(tempo);
  }, 0);

/** The tempo at a tick, and the tick at which it ends. */
export function tempoAt(tempos: readonly TempoMark[], tick: number): { tempo: number; until: number } {
  const next = tempos.findIndex(([start]) => start > tick);
  return { tempo: tempos.at(next < 0 ? -1 : next - 1)?.[1] ?? DEFAULT_TEMPO, until: tempos[next]?.[0] ?? Infinity };
}

/** Formats seconds as minutes and seconds, such as `3:07`, from an hour on with hours: `1:03:07`. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60);
  const twoDigits = (value: number) => String(value % 60).padStart(2, "0");
  return minutes < 60 ? `${minutes}:${twoDigits(whole)}` : `${Math.floor(minutes / 60)}:${twoDigits(minutes)}:${twoDigits(whole)}`;
}

/** Formats a tempo with at most one decimal. */
export const formatTempo = (tempo: number): string => String(Math.round(tempo * 10) / 10);
