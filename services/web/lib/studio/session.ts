// The state of the studio, kept in local storage.
import type { Clip } from "@/lib/music/clip";

import { EMPTY_HISTORY, type History } from "./history";
import { applyLink, DEFAULT_SETTINGS, type StudioSettings } from "./settings";

/** The generation that the studio shows, running or finished. */
export interface Generation {
  /** Null while the job is being created. */
  jobId: string | null;
  /** Length of the finished clip. */
  bars: number;
  /** The clip that the job continues; it stays as it is. */
  base: Clip | null;
}

export interface Session {
  settings: StudioSettings;
  generation: Generation | null;
  history: History;
}

const STORAGE_KEY = "ostinato.studio";
const EMPTY: Session = { settings: DEFAULT_SETTINGS, generation: null, history: EMPTY_HISTORY };

/** The stored session with the settings of the page's link. */
export function loadSession(): Session {
  const stored = localStorage.getItem(STORAGE_KEY);
  const session = stored === null ? EMPTY : normalize({ ...EMPTY, ...(JSON.parse(stored) as Partial<Session>) });
  return { ...session, settings: applyLink({ ...DEFAULT_SETTINGS, ...session.settings }, location.search) };
}

/** Drops a generation whose job had not been created when the page was closed; its base becomes the clip. */
function normalize(session: Session): Session {
  const { generation, history } = session;
  if (generation === null || generation.jobId !== null) return session;
  return { ...session, generation: null, history: { ...history, present: history.present ?? generation.base } };
}

export function saveSession(session: Session): void {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(session));
  } catch {
    // Local storage is full: save without the undo history.
    localStorage.setItem(STORAGE_KEY, JSON.stringify({ ...session, history: { ...EMPTY_HISTORY, present: session.history.present } }));
  }
}

/** Saves a session in which the studio shows this clip. */
export function openInStudio(clip: Clip): void {
  const { settings, history } = loadSession();
  const past = history.present === null ? history.past : [...history.past, history.present];
  const { tempo, instrument } = clip;
  saveSession({ settings: { ...settings, tempo, instrument }, generation: null, history: { past, present: clip, future: [] } });
}
