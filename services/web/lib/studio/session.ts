// What the studio remembers over a reload, in this browser.
import type { Piece } from "@/lib/music/piece";

import { FRESH, type History } from "./history";
import { type Settings, USUAL, withLink } from "./settings";

/** A job at work, or done. */
export interface Work {
  /** null: it is being asked for. */
  jobId: string | null;
  /** Bars of the piece when it is done. */
  bars: number;
  /** What was there before the job, and stays. */
  kept: Piece | null;
}

export interface Session {
  settings: Settings;
  work: Work | null;
  history: History;
}

const KEPT = "ostinato.studio";
const EMPTY: Session = { settings: USUAL, work: null, history: FRESH };

export function openSession(): Session {
  const kept = localStorage.getItem(KEPT);
  const session = kept === null ? EMPTY : settled({ ...EMPTY, ...(JSON.parse(kept) as Partial<Session>) });
  return { ...session, settings: withLink({ ...USUAL, ...session.settings }, location.search) };
}

/** What was being asked for when the page was left was not asked for; what was kept for it is there. */
function settled(session: Session): Session {
  const { work, history } = session;
  if (work === null || work.jobId !== null) return session;
  return { ...session, work: null, history: { ...history, present: history.present ?? work.kept } };
}

export function keepSession(session: Session): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(session));
  } catch {
    // The browser's store is full: undo goes first.
    localStorage.setItem(KEPT, JSON.stringify({ ...session, history: { ...FRESH, present: session.history.present } }));
  }
}

/** A piece from elsewhere: the studio opens with it. */
export function handOver(piece: Piece): void {
  const { settings, history } = openSession();
  const past = history.present === null ? history.past : [...history.past, history.present];
  const { tempo, instrument } = piece;
  keepSession({ settings: { ...settings, tempo, instrument }, work: null, history: { past, present: piece, future: [] } });
}
