// The state of the Studio page, kept in local storage.
import { type Bars, regularBars } from "@/lib/music/bars";
import { type Clip, otherTracks } from "@/lib/music/clip";

import { EMPTY_HISTORY, type History } from "./history";
import { applyLink, DEFAULT_SETTINGS, type StudioSettings } from "./settings";

/** The generation that the Studio page shows, running or finished. */
export interface Generation {
  /** Id of the job; null while the job is being created. */
  jobId: string | null;
  /** The bars of the finished clip. */
  bars: Bars;
  /** The clip that the job continues without changing it: an uploaded file, or the first bars of a clip. */
  base: Clip | null;
}

export interface Session {
  settings: StudioSettings;
  generation: Generation | null;
  history: History;
}

/** A clip of release 0.1.0, which was in 4/4. */
type EarlierClip = Omit<Clip, "bars" | "origin"> & { bars: number; melodyId?: string | null };

const STORAGE_KEY = "ostinato.studio";
const EMPTY: Session = { settings: DEFAULT_SETTINGS, generation: null, history: EMPTY_HISTORY };

/** Loads the stored session, and applies the settings of the link that opened the page. */
export function loadSession(): Session {
  const stored = localStorage.getItem(STORAGE_KEY);
  const session = stored === null ? EMPTY : normalize({ ...EMPTY, ...(JSON.parse(stored) as Partial<Session>) });
  const settings = { ...DEFAULT_SETTINGS, ...session.settings };
  const primer = settings.primer?.clip === undefined ? null : settings.primer; // release 0.1.0 did not store its notes
  return { ...session, settings: applyLink({ ...settings, primer }, location.search) };
}

/** Drops a generation whose job had not been created when the page was closed; its base becomes the clip. */
function normalize(session: Session): Session {
  const { past, present, future } = session.history;
  const history = { past: past.map(normalizeClip), present: present && normalizeClip(present), future: future.map((clip) => clip && normalizeClip(clip)) };
  if (session.generation === null) return { ...session, history };
  const { bars, base, jobId } = session.generation;
  const generation = { jobId, bars: normalizeBars(bars), base: base && normalizeClip(base) };
  if (jobId !== null) return { ...session, generation, history };
  return { ...session, generation: null, history: { ...history, present: history.present ?? generation.base } };
}

const normalizeBars = (bars: Bars | number): Bars => (typeof bars === "number" ? regularBars(bars) : bars);

function normalizeClip(clip: Clip | EarlierClip): Clip {
  const bars = normalizeBars(clip.bars);
  if (!("melodyId" in clip)) return { ...clip, bars };
  const { melodyId, ...rest } = clip;
  return { ...rest, bars, origin: melodyId == null ? null : { kind: "melody", id: melodyId } };
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
