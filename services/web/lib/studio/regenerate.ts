// Generates variations of some bars of a clip; the other bars stay.
//
// A version with the infill capability sees the bars before and after. Another version continues the
// bars before and does not see the bars after.
import { generate, uploadPrimer } from "@/lib/api/endpoints";
import type { GenerationRequest, GenerationJob, ModelVersion, Note } from "@/lib/api/types";
import { type Clip, countBars, notesBefore, notesIn, shiftNotes } from "@/lib/music/clip";
import { writeMidi } from "@/lib/music/midi";
import { barsInRange, type Range, TICKS_PER_BAR } from "@/lib/music/time";

import { buildRequest, type StudioSettings } from "./settings";

export interface Regeneration {
  job: GenerationJob;
  /** Ticks from the start of the clip to the start of the job's notes. */
  offset: number;
  range: Range;
}

export type RegenerationMethod = "infill" | "continue";

const MAX_CONTEXT_BARS = 16;

/** How a version regenerates a range; null if it cannot. */
export function regenerationMethod({ capabilities }: Pick<ModelVersion, "capabilities">, clip: Clip, range: Range): RegenerationMethod | null {
  // A MIDI file ends with the bar of its last note, so later bars cannot be infilled.
  if (capabilities.infill && range.to <= countBars(clip.notes) * TICKS_PER_BAR) return "infill";
  return capabilities.primer ? "continue" : null;
}

/** Starts a job with `count` variations of the bars in `range`. */
export function regenerate(clip: Clip, range: Range, settings: StudioSettings, model: ModelVersion, count: number): Promise<Regeneration> {
  const request = (barsBefore: number) => ({ ...buildRequest({ ...settings, primer: null }, model.version, barsBefore), count, seed: null });
  return regenerationMethod(model, clip, range) === "infill" ? infillBars(clip, range, request(0)) : continueBars(clip, range, request);
}

async function infillBars(clip: Clip, range: Range, request: GenerationRequest): Promise<Regeneration> {
  const primer = await uploadPrimer(writeMidi(clip));
  const bars = Array.from({ length: barsInRange(range) }, (_, i) => range.from / TICKS_PER_BAR + i);
  return { job: await generate({ ...request, primer_id: primer.id, regenerate: bars }), offset: 0, range };
}

async function continueBars(clip: Clip, range: Range, request: (barsBefore: number) => GenerationRequest): Promise<Regeneration> {
  const firstBar = range.from / TICKS_PER_BAR;
  const start = Math.max(0, range.from - MAX_CONTEXT_BARS * TICKS_PER_BAR);
  const context = shiftNotes(notesIn(notesBefore(clip.notes, range.from), { from: start, to: range.from }), -start);
  if (context.length === 0) return { job: await generate({ ...request(firstBar), bars: barsInRange(range) }), offset: range.from, range };
  const bars = (range.from - start) / TICKS_PER_BAR;
  const primer = await uploadPrimer(writeMidi({ ...clip, notes: context, bars }));
  const silentBars = bars - primer.bars; // between the last note of the primer and the range
  const job = await generate({ ...request(firstBar - silentBars), primer_id: primer.id, bars: barsInRange(range) + silentBars });
  return { job, offset: start, range };
}

/** The notes of a variation at their position in the clip. */
export const placeVariation = ({ offset, range }: Regeneration, notes: readonly Note[]): Note[] => notesIn(shiftNotes(notes, offset), range);

/** Uploads the first bars of a clip as a primer. */
export const uploadOpening = (clip: Clip, bars: number) =>
  uploadPrimer(writeMidi({ ...clip, bars, notes: notesBefore(clip.notes, bars * TICKS_PER_BAR) }));
