// Which tracks of an uploaded MIDI file a model reads.
import type { Primer } from "@/lib/api/types";

/** Says which tracks are read as one part, and which are left out; empty for a file of one track. */
export function describeTracks(tracks: Primer["tracks"]): string {
  if (tracks.length < 2) return "";
  const named = tracks.map((track, i) => ({ ...track, name: track.name || `track ${i + 1}` }));
  const list = (isDrum: boolean) => named.filter((track) => track.is_drum === isDrum).map(({ name }) => name);
  const [read, drums] = [list(false), list(true)];
  const leftOut = drums.length > 0 ? ` Left out (drums): ${drums.join(", ")}.` : "";
  return `${read.length > 1 ? "Read as one part" : "Read"}: ${read.join(", ")}.${leftOut}`;
}
