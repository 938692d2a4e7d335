// Other music for a few bars of a piece.
//
// The one place that knows how: today a model goes on from the bars before them, and does not see
// what follows. When it can fill a gap, this function asks for that instead, and nobody else changes.
import { generate, postPrimer } from "@/lib/api/calls";
import type { Job, Note } from "@/lib/api/wire";
import { writeMidi } from "@/lib/music/midi";
import { before, type Piece, shift, within } from "@/lib/music/piece";
import { barsOf, type Range, TICKS_PER_BAR } from "@/lib/music/time";

import { requestOf, type Settings } from "./settings";

export interface Take {
  job: Job;
  /** What the notes of the job move by, to lie in the piece. */
  offset: number;
  range: Range;
}

const CONTEXT_BARS = 16;

/** Ask for several variations of the bars in `range`. */
export async function regenerate(piece: Piece, range: Range, settings: Settings, model: string, count: number): Promise<Take> {
  const begin = Math.max(0, range.from - CONTEXT_BARS * TICKS_PER_BAR);
  const context = shift(before(within(piece.notes, { from: begin, to: range.from }), range.from), -begin);
  const request = { ...requestOf(settings, model), count, seed: null, primer_id: null, bars: barsOf(range) };
  if (context.length === 0) return { job: await generate(request), offset: range.from, range };
  const bars = (range.from - begin) / TICKS_PER_BAR;
  const primer = await postPrimer(writeMidi({ ...piece, notes: context, bars }));
  const missing = bars - primer.bars; // silent bars before the range
  const job = await generate({ ...request, primer_id: primer.id, bars: request.bars + missing });
  return { job, offset: begin, range };
}

/** The notes of a variation where they belong. */
export const placed = (take: Take, notes: readonly Note[]): Note[] => within(shift(notes, take.offset), take.range);

/** The first bars of a piece as a primer, and how many bars of it the model sees. */
export const postOpening = (piece: Piece, bars: number) =>
  postPrimer(writeMidi({ ...piece, bars, notes: before(piece.notes, bars * TICKS_PER_BAR) }));
