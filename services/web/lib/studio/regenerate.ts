// Other music for a few bars of a piece; all others stay as they are.
//
// A version that can fill a gap sees both sides of it. One that cannot goes on from the bars before,
// and does not see what follows.
import { generate, postPrimer } from "@/lib/api/calls";
import type { GenerationRequest, Job, ModelVersion, Note } from "@/lib/api/wire";
import { writeMidi } from "@/lib/music/midi";
import { barsIn, before, type Piece, shift, within } from "@/lib/music/piece";
import { barsOf, type Range, TICKS_PER_BAR } from "@/lib/music/time";

import { requestOf, type Settings } from "./settings";

export interface Take {
  job: Job;
  /** What the notes of the job move by, to lie in the piece. */
  offset: number;
  range: Range;
}

const CONTEXT_BARS = 16;

/** How a version writes the bars of a range anew; null if it cannot. */
export function wayOf({ capabilities }: Pick<ModelVersion, "capabilities">, piece: Piece, range: Range): "fill" | "go on" | null {
  // Silence at the end is no part of a MIDI file: there is no gap to fill.
  if (capabilities.infill && range.to <= barsIn(piece.notes) * TICKS_PER_BAR) return "fill";
  return capabilities.primer ? "go on" : null;
}

/** Ask for several variations of the bars in `range`. */
export function regenerate(piece: Piece, range: Range, settings: Settings, model: ModelVersion, count: number): Promise<Take> {
  const request = (begun: number) => ({ ...requestOf({ ...settings, theme: null }, model.version, begun), count, seed: null });
  return wayOf(model, piece, range) === "fill" ? fill(piece, range, request(0)) : goOn(piece, range, request);
}

async function fill(piece: Piece, range: Range, request: GenerationRequest): Promise<Take> {
  const primer = await postPrimer(writeMidi(piece));
  const bars = Array.from({ length: barsOf(range) }, (_, i) => range.from / TICKS_PER_BAR + i);
  return { job: await generate({ ...request, primer_id: primer.id, regenerate: bars }), offset: 0, range };
}

async function goOn(piece: Piece, range: Range, request: (begun: number) => GenerationRequest): Promise<Take> {
  const first = range.from / TICKS_PER_BAR;
  const begin = Math.max(0, range.from - CONTEXT_BARS * TICKS_PER_BAR);
  const context = shift(within(before(piece.notes, range.from), { from: begin, to: range.from }), -begin);
  if (context.length === 0) return { job: await generate({ ...request(first), bars: barsOf(range) }), offset: range.from, range };
  const bars = (range.from - begin) / TICKS_PER_BAR;
  const primer = await postPrimer(writeMidi({ ...piece, notes: context, bars }));
  const missing = bars - primer.bars; // silent bars before the range
  const job = await generate({ ...request(first - missing), primer_id: primer.id, bars: barsOf(range) + missing });
  return { job, offset: begin, range };
}

/** The notes of a variation where they belong. */
export const placed = (take: Take, notes: readonly Note[]): Note[] => within(shift(notes, take.offset), take.range);

/** The first bars of a piece as a primer, and how many bars of it the model sees. */
export const postOpening = (piece: Piece, bars: number) =>
  postPrimer(writeMidi({ ...piece, bars, notes: before(piece.notes, bars * TICKS_PER_BAR) }));
