// The tracks of an uploaded file: which one is continued, and which are kept.
import { type Clip, type Track, tracksOf } from "@/lib/music/clip";
import { INSTRUMENTS } from "@/lib/music/instruments";

/** An uploaded file to continue. */
export interface PrimerFile {
  primerId: string;
  name: string;
  /** The track to continue, with the others of the file. */
  clip: Clip;
}

const MAX_NAMES = 6;

/** The names of the tracks; one without a name has that of its instrument, and equal ones are numbered. */
export function trackNames(tracks: readonly Track[]): string[] {
  const names = tracks.map(({ name, program, is_drum }) => name.trim() || (is_drum ? "Drums" : (INSTRUMENTS[program] ?? "Track")));
  return names.map((name, index) => (names.filter((other) => other === name).length === 1 ? name : `${name} (track ${index + 1})`));
}

/** The tracks that can be continued: their indices and names. */
export const pitchedTracks = (tracks: readonly Track[]): [number, string][] =>
  trackNames(tracks).flatMap((name, index): [number, string][] => (tracks[index]?.is_drum === false ? [[index, name]] : []));

/** Names the tracks that stay as they are; empty if there are none. */
export function describeKept(clip: Clip): string {
  const names = trackNames(tracksOf(clip)).filter((_, index) => index !== clip.file?.track);
  if (names.length === 0) return "";
  const numMore = names.length - MAX_NAMES;
  return `Kept: ${names.slice(0, MAX_NAMES).join(", ")}${numMore > 0 ? ` and ${numMore} more` : ""}.`;
}
