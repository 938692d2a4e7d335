// The state of the Studio page, kept in local storage.
import { type Clip, type ClipFile, otherTracks } from "@/lib/music/clip";

import { EMPTY_HISTORY, type History } from "./history";
import { normalizePrimer } from "./primerTracks";
import { applyLink, DEFAULT_SETTINGS, type StudioSettings } from "./settings";

/** The generation that the Studio page shows, running or finished. */
export interface Generation {
  /** Id of the job; null while the job is being created. */
  jobId: string | null;
  /** Length of the finished clip. */
  bars: number;
  /** The clip that the job continues without changing it. */
  base: Clip | null;
  /** What is known of the file of its primer until the melody is complete. */
  file?: ClipFile | undefined;
  /** Ticks of rest before the notes of the job. */
  rest?: number;
}

export interface Session {
  settings: StudioSettings;
  generation: Generation | null;
  history: History;
}

const STORAGE_KEY = "ostinato.studio";
const EMPTY: Session = { settings: DEFAULT_SETTINGS, generation: null, history: EMPTY_HISTORY };

/** Loads the stored session, and applies the settings of the link that opened the page. */
export function loadSession(): Session {
  const stored = localStorage.getItem(STORAGE_KEY);
  const session = stored === null ? EMPTY : normalize({ ...EMPTY, ...(JSON.parse(stored) as Partial<Session>) });
  const settings = { ...DEFAULT_SETTINGS, ...session.settings };
  const primer = settings.primer && normalizePrimer(settings.primer);
  return { ...session, settings: applyLink({ ...settings, primer }, location.search) };
}

/** Drops a generation whose job had not been created when the page was closed; its base becomes the clip. */
function normalize(session: Session): Session {
  const { generation, history } = session;
  if (generation === null || generation.jobId !== null) return session;
  return { ...session, generation: null, history: { ...history, present: history.present ?? generation.base } };
}

export function saveSession(session: Session): void {
  const withoutUndo = { ...session, history: { ...EMPTY_HISTORY, present: session.history.present } };
  for (const saved of [session, withoutUndo, { ...withoutUndo, history: EMPTY_HISTORY }]) {
    try {
      localStorage.setItem(STORAGE_KEY, JSON.stringify(saved));
      return;
    } catch {
      // Local storage is full: save less.
    }
  }
}

/** Saves a session in which the Studio page shows this clip. */
export function openInStudio(clip: Clip): void {
  const { settings, history } = loadSession();
  const past = history.present === null ? history.past : [...history.past, history.present];
  const tempo = settings.primer === null ? clip.tempo : null;
  const instrument = otherTracks(clip).length > 0 ? settings.instrument : clip.instrument;
  saveSession({ settings: { ...settings, tempo, instrument }, generation: null, history: { past, present: clip, future: [] } });
}
