// The melodies of a job, built from its events.
//
// Applying an event twice changes nothing; a new epoch starts again from an empty state.
import type { Event, JobState, Note } from "@/lib/api/types";

/** Statistics of a melody; without notes it has no pitches. */
export interface MelodyStats {
  numNotes: number;
  lowestPitch: number | null;
  highestPitch: number | null;
}

export interface MelodyNotes {
  notes: readonly Note[];
  /** Number of complete bars. */
  bars: number;
  /** Id of the melody; null until it is committed. */
  id: string | null;
  /** Whether it was interrupted: only its complete bars are committed, but all notes that arrived are here. */
  isPartial: boolean;
  /** Statistics, which arrive when the melody is committed; the notes of jobs with priority batch are not streamed. */
  stats: MelodyStats;
}

export interface JobNotes {
  state: JobState;
  epoch: string;
  seq: number;
  /** Melodies by index in the job. */
  melodies: ReadonlyMap<number, MelodyNotes>;
}

export const EMPTY: JobNotes = { state: "queued", epoch: "", seq: 0, melodies: new Map() };

type MutableJobNotes = JobNotes & { melodies: Map<number, MelodyNotes> };

const EMPTY_MELODY: MelodyNotes = { notes: [], bars: 0, id: null, isPartial: false, stats: { numNotes: 0, lowestPitch: null, highestPitch: null } };

export const melodyAt = (jobNotes: JobNotes, index: number): MelodyNotes => jobNotes.melodies.get(index) ?? EMPTY_MELODY;

/** Applies many events with one copy of the map of melodies; a job can have thousands. */
export function applyEvents(jobNotes: JobNotes, events: readonly Event[]): JobNotes {
  const copy: MutableJobNotes = { ...jobNotes, melodies: new Map(jobNotes.melodies) };
  return events.reduce(applyEvent, copy);
}

/** Changes the map of melodies in place. */
function applyEvent(jobNotes: MutableJobNotes, event: Event): MutableJobNotes {
  if (event.kind === "resync_required") return { ...EMPTY, epoch: event.epoch, melodies: new Map() };
  if (event.epoch === jobNotes.epoch && event.seq <= jobNotes.seq) return jobNotes;
  const next = { ...jobNotes, epoch: event.epoch, seq: event.seq };
  switch (event.kind) {
    case "job":
      return { ...next, state: event.state };
    case "notes":
      return updateMelody(next, event.melody, (melody) => ({
        ...melody,
        notes: [...melody.notes.slice(0, event.first), ...event.notes],
        bars: Math.max(melody.bars, event.bars),
      }));
    case "melody":
      return updateMelody(next, event.melody, (melody) => ({
        ...melody,
        id: event.id,
        isPartial: event.partial,
        stats: { numNotes: event.num_notes, lowestPitch: event.lowest_pitch ?? null, highestPitch: event.highest_pitch ?? null },
      }));
    case "counts":
    case "step":
    case "metrics":
    case "progress":
      return next;
  }
}

function updateMelody(jobNotes: MutableJobNotes, index: number, change: (melody: MelodyNotes) => MelodyNotes): MutableJobNotes {
  jobNotes.melodies.set(index, change(melodyAt(jobNotes, index)));
  return jobNotes;
}
