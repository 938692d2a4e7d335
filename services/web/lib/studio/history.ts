// What was done to a piece, to be undone. `present` is null while the piece is what its job wrote.
import type { Piece } from "@/lib/music/piece";

export interface History {
  past: readonly Piece[];
  present: Piece | null;
  future: readonly (Piece | null)[];
}

export const FRESH: History = { past: [], present: null, future: [] };

const MOST = 20;

/** `shown` is what `present` stands for now. */
export const edit = (history: History, shown: Piece, next: Piece | null): History => ({
  past: [...history.past, shown].slice(-MOST),
  present: next,
  future: [],
});

export function undo(history: History): History {
  const last = history.past.at(-1);
  if (last === undefined) return history;
  return { past: history.past.slice(0, -1), present: last, future: [history.present, ...history.future] };
}

export function redo(history: History, shown: Piece): History {
  const [next, ...future] = history.future;
  return next === undefined ? history : { past: [...history.past, shown], present: next, future };
}
