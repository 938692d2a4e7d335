import type { Note } from "@/lib/api/wire";
import { TICKS_PER_BAR } from "@/lib/music/time";

const FEWEST_LANES = 16;

/** The pitches that sound, and a little more. */
function around(notes: readonly Note[]): { low: number; high: number } {
  const pitches = notes.map(([, , pitch]) => pitch);
  const low = Math.min(...pitches);
  const high = Math.max(...pitches);
  const more = Math.max(1, (FEWEST_LANES - (high - low)) / 2);
  return { low: low - more, high: high + more };
}

/** A whole piece at a glance: one path, so that hundreds are cheap. */
export function MiniRoll({ notes, bars, className = "" }: { notes: readonly Note[]; bars: number; className?: string }) {
  const { low, high } = around(notes);
  if (notes.length === 0) return null;
  const path = notes
    .map(([start, duration, pitch]) => `M${start / 48} ${high - pitch + 0.1}h${Math.max(6, duration / 48 - 2)}v.8h-${Math.max(6, duration / 48 - 2)}z`)
    .join("");
  return (
    <svg aria-hidden viewBox={`0 0 ${(bars * TICKS_PER_BAR) / 48} ${high - low + 1}`} preserveAspectRatio="none" className={`block w-full ${className}`}>
      <path d={path} fill="var(--accent)" />
    </svg>
  );
}
