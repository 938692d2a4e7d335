// The undo history of a clip. `present` is null while the clip is the unedited output of its job.
import type { Clip } from "@/lib/music/clip";

export interface History {
  past: readonly Clip[];
  present: Clip | null;
  future: readonly (Clip | null)[];
}

export const EMPTY_HISTORY: History = { past: [], present: null, future: [] };

const MAX_UNDO_STEPS = 20;

/** Adds an edit. `current` is the clip before it, also if `present` is null. */
export const pushEdit = (history: History, current: Clip, next: Clip | null): History => ({
  past: [...history.past, current].slice(-MAX_UNDO_STEPS),
  present: next,
  future: [],
});

export function undo(history: History): History {
  const last = history.past.at(-1);
  if (last === undefined) return history;
  return { past: history.past.slice(0, -1), present: last, future: [history.present, ...history.future] };
}

export function redo(history: History, current: Clip): History {
  const [next, ...future] = history.future;
  return next === undefined ? history : { past: [...history.past, current], present: next, future };
}
