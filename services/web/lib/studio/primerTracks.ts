// The tracks of an uploaded MIDI file: which one is continued, and which are kept.
import type { Primer, TempoMark } from "@/lib/api/types";
import { type ClipFile, shiftTempos } from "@/lib/music/clip";
import { INSTRUMENTS } from "@/lib/music/instruments";
import { DEFAULT_TEMPO } from "@/lib/music/time";

type PrimerTrack = Primer["tracks"][number];

/** An uploaded MIDI file to continue. */
export interface PrimerFile {
  primerId: string;
  name: string;
  bars: number;
  /** Index of the track to continue; null in a session of an earlier release: the gateway selects it. */
  track: number | null;
  tracks: readonly PrimerTrack[];
  /** In order of time, the first one at 0; empty if they are unknown. */
  tempos: readonly TempoMark[];
  /** Ticks that the first bar is too short. */
  rest: number;
}

const MAX_NAMES = 6;

/** A stored primer; that of an earlier release described its tracks in words. */
type StoredPrimer = Omit<PrimerFile, "track" | "tracks" | "tempos" | "rest"> & Partial<Pick<PrimerFile, "track" | "tempos" | "rest">> & { tracks?: string | PrimerFile["tracks"] };

export const normalizePrimer = ({ track = null, tracks, tempos = [], rest = 0, ...primer }: StoredPrimer): PrimerFile => ({
  ...{ ...primer, track, tempos, rest },
  tracks: typeof tracks === "object" ? tracks : [],
});

/** The names of the tracks; one without a name has that of its instrument, and equal ones are numbered. */
export function trackNames(tracks: readonly PrimerTrack[]): string[] {
  const names = tracks.map(({ name, program, is_drum }) => name.trim() || (is_drum ? "Drums" : (INSTRUMENTS[program] ?? "Track")));
  return names.map((name, index) => (names.filter((other) => other === name).length === 1 ? name : `${name} (track ${index + 1})`));
}

/** The tracks that can be continued: their indices and names. */
export const pitchedTracks = (tracks: readonly PrimerTrack[]): [number, string][] =>
  trackNames(tracks).flatMap((name, index): [number, string][] => (tracks[index]?.is_drum === false ? [[index, name]] : []));

/** Names the tracks that stay as they are; empty if there are none. */
export function describeKept({ tracks, track }: Pick<PrimerFile, "tracks" | "track">): string {
  const names = trackNames(tracks).filter((_, index) => index !== track);
  if (names.length === 0) return "";
  const numMore = names.length - MAX_NAMES;
  return `Kept: ${names.slice(0, MAX_NAMES).join(", ")}${numMore > 0 ? ` and ${numMore} more` : ""}.`;
}

/** What is known of the file before its melody is complete: no notes. */
export const fileOf = ({ tracks, track, tempos, rest }: PrimerFile): ClipFile | undefined =>
  track === null ? undefined : { tracks: tracks.map(({ name, program, is_drum }) => ({ name, program, is_drum, notes: [] })), track, tempos: tempos.length > 0 ? shiftTempos(tempos, rest) : [[0, DEFAULT_TEMPO]] };
