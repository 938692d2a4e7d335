// Generates variations of some bars of a clip; the other bars stay.
//
// A version with the infill capability sees the bars before and after. Another version continues the
// bars before and does not see the bars after.
import { cancelJob, generate, getJob, getMelody, getMidi, listJobMelodies, uploadPrimer } from "@/lib/api/endpoints";
import { type GenerationRequest, type GenerationJob, isTerminal, type Metre, type ModelVersion, type Note } from "@/lib/api/types";
import { unknownMetres } from "@/lib/models/metres";
import { type Bar, barAt, barsIn, countBars, lineBefore, metresOf } from "@/lib/music/bars";
import { asFile, type Clip, lastNoteEnd, lengthInTicks, notesBefore, notesIn, shiftNotes, tracksOf } from "@/lib/music/clip";
import { writeMidi } from "@/lib/music/midi";
import type { Range } from "@/lib/music/time";

import { buildRequest, type StudioSettings } from "./settings";

export interface Regeneration {
  job: GenerationJob;
  method: RegenerationMethod;
  /** Ticks from the start of the clip to the start of the job's notes. */
  offset: number;
  range: Range;
}

export type RegenerationMethod = "infill" | "continue";

const MAX_CONTEXT_BARS = 16;
const POLL_MS = 100;

/** How a version regenerates a range; null if it cannot. */
export function regenerationMethod(model: Pick<ModelVersion, "capabilities">, clip: Clip, range: Range): RegenerationMethod | null {
  const { capabilities } = model;
  if (unknownMetres(model, clip.bars).length > 0) return null;
  // An edited clip is written as a MIDI file that ends with the bar of its last note, so later bars cannot be infilled.
  const end = clip.origin == null ? lineBefore(clip.bars, countBars(clip.bars, Math.max(...tracksOf(clip).map(({ notes }) => lastNoteEnd(notes))))) : lengthInTicks(clip);
  if (capabilities.infill && clip.notes.length > 0 && range.to <= end) return "infill";
  const selected = barsIn(clip.bars, range).map((bar) => clip.bars[bar] as Bar);
  return capabilities.primer && metresOf(selected).length === 1 ? "continue" : null;
}

/** Starts a job with `count` variations of the bars in `range`. */
export function regenerate(clip: Clip, range: Range, settings: StudioSettings, model: ModelVersion, count: number): Promise<Regeneration> {
  const request = (barsBefore: number) => ({ ...buildRequest({ ...settings, primer: null, tempo: null, timeSignature: null }, model.version, barsBefore), count, seed: null });
  return regenerationMethod(model, clip, range) === "infill" ? infillBars(clip, range, request(0)) : continueBars(clip, range, request);
}

/** The id of a primer that is the clip's file. */
async function toPrimer(clip: Clip): Promise<string> {
  if (clip.origin?.kind === "primer") return clip.origin.id;
  return (await uploadPrimer(clip.origin == null ? writeMidi(asFile(clip)) : await getMidi(clip.origin))).id;
}

async function infillBars(clip: Clip, range: Range, request: GenerationRequest): Promise<Regeneration> {
  const job = await generate({ ...request, primer_id: await toPrimer(clip), track: clip.file?.track ?? 0, regenerate: barsIn(clip.bars, range) });
  return { job, method: "infill", offset: 0, range };
}

async function continueBars(clip: Clip, range: Range, request: (barsBefore: number) => GenerationRequest): Promise<Regeneration> {
  const selected = barsIn(clip.bars, range);
  const firstBar = barAt(clip.bars, range.from);
  const contextBars = clip.bars.slice(Math.max(0, firstBar - MAX_CONTEXT_BARS), firstBar);
  const start = contextBars[0]?.[0] ?? range.from;
  const context = shiftNotes(notesIn(notesBefore(clip.notes, range.from), { from: start, to: range.from }), -start);
  const metre = metresOf(selected.map((bar) => clip.bars[bar] as Bar))[0] as Metre;
  const signature = metre === "4/4" && metresOf(contextBars).every((other) => other === metre) ? {} : { time_signature: metre };
  if (context.length === 0) return { job: await generate({ ...request(firstBar), ...signature, bars: selected.length }), method: "continue", offset: range.from, range };
  const { instrument } = clip;
  const bars = contextBars.map(([tick, ...bar]): Bar => [tick - start, ...bar]);
  const primer = await uploadPrimer(writeMidi({ notes: context, bars, tempo: null, instrument }));
  const silentBars = bars.length - primer.bars; // between the last note of the primer and the range
  const job = await generate({ ...request(firstBar - silentBars), ...signature, primer_id: primer.id, bars: selected.length + silentBars });
  return { job, method: "continue", offset: start, range };
}

/** The notes of a variation at their position in the clip. */
export const placeVariation = ({ offset, range }: Regeneration, notes: readonly Note[]): Note[] => notesIn(shiftNotes(notes, offset), range);

/** What a request for the rest of a clip begins with. */
type Opening = Pick<GenerationRequest, "primer_id" | "track"> & { bars: number };

/** Cancels a running job, and uploads the first bars of its clip, a track of a file with all its tracks. */
export async function uploadFileOpening({ id, request }: GenerationJob, bars: number, primerBars: number): Promise<Opening> {
  await cancelJob(id);
  const opening = { primer_id: request.primer_id ?? null, track: request.track ?? null, bars: primerBars };
  if (bars <= primerBars) return opening;
  while (!isTerminal((await getJob(id)).state)) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  const [melody] = await listJobMelodies(id);
  if (melody === undefined) return opening;
  const [midi, { track }] = await Promise.all([getMidi({ kind: "melody", id: melody.id }), getMelody(melody.id)]);
  const primer = await uploadPrimer(midi, { first: 0, last: bars - 1 });
  return { primer_id: primer.id, track, bars: primer.bars };
}

/** Cancels a running job, and uploads the first bars of its clip. */
export async function uploadOpening(jobId: string, firstBars: Clip): Promise<Opening> {
  const [primer] = await Promise.all([uploadPrimer(writeMidi(firstBars)), cancelJob(jobId)]);
  return { primer_id: primer.id, track: null, bars: primer.bars };
}
