// The settings of the Studio page, as a request and as a link that generates the same melody.
import type { GenerationRequest, Metre, ResolvedSampling, Sampling } from "@/lib/api/types";
import { barAt, type Bars } from "@/lib/music/bars";
import { parseProgression, rotateProgression } from "@/lib/music/chord";
import { type Clip, temposOf } from "@/lib/music/clip";
import { DEFAULT_TEMPO } from "@/lib/music/time";

import type { PrimerFile } from "./primerTracks";
import { formatScaleConstraint, parseScaleConstraint, type ScaleConstraint } from "./scaleConstraint";

/** The largest seed that the gateway accepts, and the largest integer that JavaScript represents exactly. */
export const MAX_SEED = Number.MAX_SAFE_INTEGER;

export interface ChordConstraint {
  /** The progression as entered; empty for any chords. */
  text: string;
  /** Strictness from 0 to 1; at 1 only chord tones are generated. */
  strictness: number;
}

export interface StudioSettings {
  model: string | null;
  bars: number;
  /** Quarter notes per minute; null: the tempos of the file that is continued, else 120. */
  tempo: number | null;
  /** The time signature of the generated bars; null: that of the last bar of the file that is continued, else 4/4. */
  timeSignature: Metre | null;
  instrument: number;
  /** Sampling parameters that replace the defaults of the version. */
  sampling: Sampling;
  /** Seed; null for a random seed per generation. */
  seed: number | null;
  primer: PrimerFile | null;
  /** Scale constraint; null for any scale. */
  scale: ScaleConstraint | null;
  /** Chord constraint, whose progression starts at the first bar of the clip. */
  chords: ChordConstraint;
}

export const DEFAULT_SETTINGS: StudioSettings = {
  model: null,
  bars: 8,
  tempo: DEFAULT_TEMPO,
  timeSignature: null,
  instrument: 0,
  sampling: {},
  seed: null,
  primer: null,
  scale: null,
  chords: { text: "", strictness: 0.9 },
};

const SAMPLING_PARAMETERS = ["temperature", "top_k", "top_p", "min_p"] as const;

/** The sampling parameters that a request with these settings gets: the defaults of the version, unless they are set. */
export const effectiveSampling = (sampling: Sampling, defaults: ResolvedSampling = { temperature: 1, top_k: 0, top_p: 1, min_p: 0.01 }): ResolvedSampling => ({
  temperature: sampling.temperature ?? defaults.temperature,
  top_k: sampling.top_k ?? defaults.top_k,
  top_p: sampling.top_p ?? defaults.top_p,
  min_p: sampling.min_p ?? defaults.min_p,
});

const [MIN_TEMPO, MAX_TEMPO] = [20, 300];

/** The chosen tempo; else the first one of the file to continue or of the clip, within the limits of a request. */
export const shownTempo = ({ tempo, primer }: Pick<StudioSettings, "tempo" | "primer">, clip: Clip | null): number =>
  Math.min(MAX_TEMPO, Math.max(MIN_TEMPO, tempo ?? temposOf(primer?.clip ?? clip ?? { tempo: null })[0]?.[1] ?? DEFAULT_TEMPO));

/** Builds a request. `barsBefore` bars precede the generated ones, and determine the first chord. */
export function buildRequest(settings: StudioSettings, model: string, barsBefore = settings.primer?.clip.bars.length ?? 0): GenerationRequest {
  const { bars, tempo, timeSignature, instrument, sampling, seed, primer } = settings;
  const { text, strictness } = settings.chords;
  const progression = rotateProgression(barsBefore, parseProgression(text));
  const chords = progression.length === 0 ? null : { progression, strictness };
  const scale = settings.scale && { ...settings.scale, strictness: 1 };
  return {
    ...{ model, count: 1, bars, instrument, sampling, seed, scale, chords, include_primer: true },
    ...(tempo === null ? {} : { tempo }),
    ...(timeSignature === null ? {} : { time_signature: timeSignature }),
    primer_id: primer?.primerId ?? null,
    ...(primer?.clip.file === undefined ? {} : { track: primer.clip.file.track }),
  };
}

/** Builds the query of a link; null if the request has options that links do not encode, or a primer, which only its owner may read. */
export function buildLink(request: GenerationRequest): string | null {
  if (request.primer_id != null || request.seed == null || request.model == null) return null;
  const { model, bars, tempo, instrument, seed, sampling, scale, chords, pitch_range, time_signature } = request;
  if (pitch_range != null || (scale != null && scale.strictness !== 1)) return null;
  const fields = {
    ...{ model, bars, tempo: tempo ?? DEFAULT_TEMPO, instrument, seed },
    ...sampling,
    ...(time_signature == null ? {} : { time_signature }),
    ...(scale == null ? {} : { scale: formatScaleConstraint(scale) }),
    ...(chords == null ? {} : { chords: chords.progression.join(" "), strictness: chords.strictness }),
  };
  return new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)])).toString();
}

/** Replaces settings by those of a link; values that are not numbers are ignored. */
export function applyLink(settings: StudioSettings, query: string): StudioSettings {
  const params = new URLSearchParams(query);
  const number = (name: string, fallback: number): number => {
    const text = params.get(name);
    return text !== null && text !== "" && Number.isFinite(Number(text)) ? Number(text) : fallback;
  };
  if (!params.has("seed")) return settings;
  const sampling = Object.fromEntries(
    SAMPLING_PARAMETERS.flatMap((name) => {
      const value = number(name, Number.NaN);
      return Number.isNaN(value) ? [] : [[name, value]];
    }),
  );
  return {
    model: params.get("model") ?? settings.model,
    bars: number("bars", settings.bars),
    tempo: number("tempo", settings.tempo ?? DEFAULT_TEMPO),
    instrument: number("instrument", settings.instrument),
    seed: number("seed", 0),
    timeSignature: parseTimeSignature(params.get("time_signature")),
    primer: null,
    scale: parseScaleConstraint(params.get("scale")),
    chords: { text: params.get("chords") ?? "", strictness: number("strictness", settings.chords.strictness) },
    sampling: { ...settings.sampling, ...sampling },
  };
}

const TIME_SIGNATURES: readonly Metre[] = ["4/4", "3/4", "2/4", "6/8"];

const parseTimeSignature = (text: string | null): Metre | null => TIME_SIGNATURES.find((known) => known === text) ?? null;

/**
 * Number of bars to keep when a setting changes during a generation. During playback the bars up to the
 * second bar line ahead are kept, so that playback has no gap.
 */
export const barsToKeep = (bars: Bars, generatedBars: number, position: number, isPlaying: boolean): number =>
  isPlaying ? Math.min(generatedBars, barAt(bars, position) + 2) : generatedBars;

export const randomSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
