import type { Note } from "@/lib/api/types";

const MIN_PITCHES = 16;

/** The pitch range of the notes, with a margin. */
function pitchRange(notes: readonly Note[]): { low: number; high: number } {
  const pitches = notes.map(([, , pitch]) => pitch);
  const low = Math.min(...pitches);
  const high = Math.max(...pitches);
  const margin = Math.max(1, (MIN_PITCHES - (high - low)) / 2);
  return { low: low - margin, high: high + margin };
}

/** A piano roll of a whole melody, up to the tick `end`, as one SVG path, so that a page can show hundreds. */
export function MiniPianoRoll({ notes, end, className = "" }: { notes: readonly Note[]; end: number; className?: string }) {
  const { low, high } = pitchRange(notes);
  if (notes.length === 0) return null;
  const path = notes
    .map(([start, duration, pitch]) => `M${start / 48} ${high - pitch + 0.1}h${Math.max(6, duration / 48 - 2)}v.8h-${Math.max(6, duration / 48 - 2)}z`)
    .join("");
  return (
    <svg aria-hidden viewBox={`0 0 ${end / 48} ${high - low + 1}`} preserveAspectRatio="none" className={`block w-full ${className}`}>
      <path d={path} fill="var(--accent)" />
    </svg>
  );
}
