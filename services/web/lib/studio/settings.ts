// What a person sets before pressing Generate; as a request, and as a link that gives the same piece.
import type { GenerationRequest, Sampling } from "@/lib/api/wire";
import { after, readProgression } from "@/lib/music/chord";
import { TICKS_PER_BAR } from "@/lib/music/time";

import { readScale, scaleText, type StrictScale } from "./scale";

/** The largest that the gateway takes, and the largest whole number that is exact here. */
export const MAX_SEED = Number.MAX_SAFE_INTEGER;

/** A MIDI file to go on from, as the gateway keeps it. */
export interface Theme {
  primerId: string;
  name: string;
  bars: number;
}

export interface ChordWish {
  /** As it was typed; nothing: any. */
  text: string;
  /** At 1 there is no other note. */
  strictness: number;
}

export interface Settings {
  model: string | null;
  bars: number;
  tempo: number;
  instrument: number;
  sampling: Sampling;
  /** null: another each time. */
  seed: number | null;
  theme: Theme | null;
  /** null: any. */
  scale: StrictScale | null;
  /** Of the bars of the piece, from its first. */
  chords: ChordWish;
}

export const USUAL: Settings = {
  model: null,
  bars: 8,
  tempo: 120,
  instrument: 0,
  sampling: { temperature: 1, top_k: 0, top_p: 1, min_p: 0.01 },
  seed: null,
  theme: null,
  scale: null,
  chords: { text: "", strictness: 0.9 },
};

/** `begun`: bars of the piece that are there already. */
export function requestOf(settings: Settings, model: string, begun = settings.theme?.bars ?? 0): GenerationRequest {
  const { bars, tempo, instrument, sampling, seed, theme } = settings;
  const { text, strictness } = settings.chords;
  const progression = after(begun, readProgression(text));
  const chords = progression.length === 0 ? null : { progression, strictness };
  const scale = settings.scale && { ...settings.scale, strictness: 1 };
  return { model, count: 1, bars, tempo, instrument, sampling, seed, scale, chords, primer_id: theme?.primerId ?? null };
}

/** The query of a link; null for what goes on from a file that only its owner has, or has wishes that no link holds. */
export function linkOf(request: GenerationRequest): string | null {
  if (request.primer_id != null || request.seed == null) return null;
  const { model, bars, tempo, instrument, seed, sampling, scale, chords, pitch_range } = request;
  if (pitch_range != null || (scale != null && scale.strictness !== 1)) return null;
  const fields = {
    ...{ model, bars, tempo, instrument, seed },
    ...sampling,
    ...(scale == null ? {} : { scale: scaleText(scale) }),
    ...(chords == null ? {} : { chords: chords.progression.join(" "), strictness: chords.strictness }),
  };
  return new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)])).toString();
}

/** What a link says, over what was set; numbers that are none are left as they were. */
export function withLink(settings: Settings, query: string): Settings {
  const asked = new URLSearchParams(query);
  const number = (name: string, usual: number): number => {
    const text = asked.get(name);
    return text !== null && text !== "" && Number.isFinite(Number(text)) ? Number(text) : usual;
  };
  if (!asked.has("seed")) return settings;
  const { sampling } = settings;
  return {
    model: asked.get("model") ?? settings.model,
    bars: number("bars", settings.bars),
    tempo: number("tempo", settings.tempo),
    instrument: number("instrument", settings.instrument),
    seed: number("seed", 0),
    theme: null,
    scale: readScale(asked.get("scale")),
    chords: { text: asked.get("chords") ?? "", strictness: number("strictness", settings.chords.strictness) },
    sampling: {
      temperature: number("temperature", sampling.temperature),
      top_k: number("top_k", sampling.top_k),
      top_p: number("top_p", sampling.top_p),
      min_p: number("min_p", sampling.min_p),
    },
  };
}

/** Bars to keep when a knob is moved: to the bar line after the one that comes next, so that no gap is heard. */
export const barsToKeep = (written: number, position: number, isPlaying: boolean): number =>
  isPlaying ? Math.min(written, Math.floor(position / TICKS_PER_BAR) + 2) : written;

/** One seed for several jobs, so that they can be compared. */
export const drawSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
