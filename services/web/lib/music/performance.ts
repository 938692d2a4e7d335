// A job as it is heard: its events, one after the other, make the pieces grow.
//
// Hearing an event twice changes nothing, and a new epoch begins the piece anew.
import type { Event, JobState, Note } from "@/lib/api/wire";

/** A piece in a few numbers; a silent one has no pitches. */
export interface Gist {
  numNotes: number;
  lowest: number | null;
  highest: number | null;
}

export interface Part {
  notes: readonly Note[];
  /** Bars that are complete. */
  bars: number;
  /** Of the melody, once it is committed. */
  id: string | null;
  /** Once it is committed; the notes of a batch are not streamed. */
  gist: Gist;
}

export interface Performance {
  state: JobState;
  epoch: string;
  seq: number;
  /** By index in the job. */
  parts: ReadonlyMap<number, Part>;
}

export const SILENCE: Performance = { state: "queued", epoch: "", seq: 0, parts: new Map() };

type Heard = Performance & { parts: Map<number, Part> };

const NOTHING: Part = { notes: [], bars: 0, id: null, gist: { numNotes: 0, lowest: null, highest: null } };

export const partOf = (performance: Performance, index: number): Part => performance.parts.get(index) ?? NOTHING;

/** Many events at once, such as a batch of thousands has. */
export function hearAll(performance: Performance, events: readonly Event[]): Performance {
  const parts = new Map(performance.parts);
  return events.reduce((heard, event) => hear(heard, event), { ...performance, parts });
}

/** One event more. The map of parts is the performance's own: it is changed in place. */
function hear(performance: Heard, event: Event): Heard {
  if (event.kind === "resync_required") return { ...SILENCE, epoch: event.epoch, parts: new Map() };
  if (event.epoch === performance.epoch && event.seq <= performance.seq) return performance;
  const heard = { ...performance, epoch: event.epoch, seq: event.seq };
  switch (event.kind) {
    case "job":
      return { ...heard, state: event.state };
    case "notes":
      return withPart(heard, event.melody, (part) => ({
        ...part,
        notes: [...part.notes.slice(0, event.first), ...event.notes],
        bars: Math.max(part.bars, event.bars),
      }));
    case "melody":
      return withPart(heard, event.melody, (part) => ({
        ...part,
        id: event.id,
        gist: { numNotes: event.num_notes, lowest: event.lowest ?? null, highest: event.highest ?? null },
      }));
    case "step":
    case "point":
      return heard;
  }
}

function withPart(performance: Heard, index: number, change: (part: Part) => Part): Heard {
  performance.parts.set(index, change(partOf(performance, index)));
  return performance;
}
