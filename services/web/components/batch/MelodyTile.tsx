"use client";

// One place of the grid: a melody, or the place of one that is not finished.
import { useQuery } from "@tanstack/react-query";

import type { MelodyPlayback } from "@/components/melody/useMelodyPlayback";
import { MiniPianoRoll } from "@/components/roll/MiniPianoRoll";
import { endOf } from "@/lib/music/bars";
import { getMelody } from "@/lib/api/endpoints";
import type { MelodySummary } from "@/lib/api/types";
import { clipOf } from "@/lib/music/clip";

/** Notes are fetched of tiles that stay in view for this time: fast scrolling passes thousands. */
const SCROLL_MS = 100;
const NOTES_GC_MS = 60_000;

/** The place of an item in the whole list, of which the grid renders a part. */
export interface Place {
  /** Counted from 1. */
  position: number;
  total: number;
}

interface Props extends Place {
  melody: MelodySummary;
  playback: MelodyPlayback;
}

export function MelodyTile({ melody, position, total, playback }: Props) {
  const { id, index, seed, num_notes, custom_id, partial } = melody;
  const { data } = useQuery({
    queryKey: ["melody", id],
    queryFn: async ({ signal }) => {
      await new Promise((resolve) => setTimeout(resolve, SCROLL_MS));
      signal.throwIfAborted(); // the tile was scrolled out of view
      return getMelody(id, signal);
    },
    staleTime: Infinity,
    gcTime: NOTES_GC_MS,
  });
  const isPlaying = playback.playingId === id;
  return (
    <li aria-posinset={position} aria-setsize={total} className="min-w-0 p-1">
      <button
        type="button"
        disabled={data === undefined}
        onClick={() => data && playback.toggle(id, clipOf(data))}
        title={custom_id ?? undefined}
        className={`h-full w-full rounded-xl border bg-panel p-2 text-left hover:bg-raised ${isPlaying ? "border-accent" : "border-line"}`}
      >
        <span className="block h-16">{data !== undefined && <MiniPianoRoll notes={data.notes} end={endOf(data.bar_positions)} className="h-full" />}</span>
        <span className="mt-1 flex justify-between gap-2 text-xs text-soft tabular-nums">
          <span className="truncate">
            <span className="sr-only">{isPlaying ? "Stop" : "Play"} melody </span>
            {index + 1}
            {custom_id != null && <span className="text-ink"> {custom_id}</span>}
            <span className="sr-only">, seed {seed}, </span>
          </span>
          <span className="shrink-0">{partial ? `partial, ${melody.bars} bars` : `${num_notes} notes`}</span>
        </span>
      </button>
    </li>
  );
}

/** The place of a melody that is not finished, or will never be. */
export function EmptyTile({ position, total }: Place) {
  return (
    <li aria-posinset={position} aria-setsize={total} className="p-1">
      <div className="flex h-full items-end rounded-xl border border-dashed border-line p-2 text-xs text-soft tabular-nums">
        <span className="sr-only">No melody yet: </span>
        {position}
      </div>
    </li>
  );
}
