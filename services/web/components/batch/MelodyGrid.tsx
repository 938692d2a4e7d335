"use client";

// The finished melodies of a batch, as a sortable grid of piano rolls that can be played.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";

import { Button } from "@/components/controls/Button";
import { Icon } from "@/components/controls/Icon";
import { ErrorNotice } from "@/components/controls/notices";
import { Select } from "@/components/controls/Select";
import { type MelodyPlayback, useMelodyPlayback } from "@/components/melody/useMelodyPlayback";
import { MiniPianoRoll } from "@/components/roll/MiniPianoRoll";
import { getArchive, getMelody } from "@/lib/api/endpoints";
import { type GenerationRequest, isTerminal, type GenerationJob } from "@/lib/api/types";
import { retryRequests } from "@/lib/batch/retryRequests";
import { bySortOrder, DEFAULT_SORT_ORDER, SORT_ORDERS, type Tile } from "@/lib/batch/sortOrders";
import type { JobNotes } from "@/lib/music/jobNotes";
import { download } from "@/lib/studio/download";

import { useVisibleTiles } from "./useVisibleTiles";

interface Props {
  job: GenerationJob;
  jobNotes: JobNotes;
  onRetry: (requests: GenerationRequest[]) => void;
}

export function MelodyGrid({ job, jobNotes, onRetry }: Props) {
  const [sortOrder, setSortOrder] = useState(DEFAULT_SORT_ORDER);
  const [minNotes, setMinNotes] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const visible = useVisibleTiles(list);
  const playback = useMelodyPlayback();
  const zip = useMutation({ mutationFn: async () => download(await getArchive(job.id), `ostinato-${job.id}.zip`) });
  const tiles = useMemo(
    () =>
      [...jobNotes.melodies]
        .flatMap(([index, { id, stats }]) => (id !== null && stats.numNotes >= minNotes ? [{ index, id, ...stats }] : []))
        .sort(bySortOrder(sortOrder)),
    [jobNotes.melodies, sortOrder, minNotes],
  );
  const missing = isTerminal(jobNotes.state) ? retryRequests(job.request, jobNotes) : [];
  return (
    <section aria-label="Melodies">
      <div className="mb-3 flex flex-wrap items-end gap-3">
        <Select label="Sort by" value={sortOrder} onChange={setSortOrder}>
          {Object.keys(SORT_ORDERS).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
        <label className="text-sm">
          <span className="mb-1 block text-soft">Minimum notes</span>
          <input type="number" min={0} value={minNotes} onChange={({ target }) => setMinNotes(Math.max(0, target.valueAsNumber || 0))} className="h-10 w-24 rounded-lg border border-edge bg-panel px-3" />
        </label>
        <p className="pb-2.5 text-sm text-soft">{tiles.length.toLocaleString("en")} shown</p>
        <span className="grow" />
        {missing.length > 0 && <Button onClick={() => onRetry(missing)}>Retry missing</Button>}
        <Button disabled={tiles.length === 0 || zip.isPending} onClick={() => zip.mutate()}>
          <Icon name="download" /> Download zip
        </Button>
      </div>
      {zip.error !== null && <ErrorNotice error={zip.error} />}
      <ul ref={list} style={visible.padding(tiles.length)} className="grid auto-rows-[7rem] grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))]">
        {tiles.slice(visible.first, visible.last).map((tile, i) => (
          <MelodyTile key={tile.id} tile={tile} position={visible.first + i + 1} total={tiles.length} job={job} playback={playback} />
        ))}
      </ul>
    </section>
  );
}

interface MelodyTileProps {
  tile: Tile;
  /** Position in the whole list, counted from 1. */
  position: number;
  total: number;
  job: GenerationJob;
  playback: MelodyPlayback;
}

function MelodyTile({ tile, position, total, job, playback }: MelodyTileProps) {
  const { data } = useQuery({ queryKey: ["melody", tile.id], queryFn: () => getMelody(tile.id), staleTime: Infinity });
  const isPlaying = playback.playingId === tile.id;
  const seed = (job.request.seed ?? 0) + tile.index;
  return (
    <li aria-posinset={position} aria-setsize={total} className="p-1">
      <button
        type="button"
        disabled={data === undefined}
        onClick={() => data && playback.toggle(data, job.request.instrument)}
        className={`w-full rounded-xl border bg-panel p-2 text-left hover:bg-raised ${isPlaying ? "border-accent" : "border-line"}`}
      >
        <span className="block h-16">{data !== undefined && <MiniPianoRoll notes={data.notes} bars={data.bars} className="h-full" />}</span>
        <span className="mt-1 flex justify-between text-xs text-soft tabular-nums">
          <span>
            <span className="sr-only">{isPlaying ? "Stop" : "Play"} melody </span>
            {tile.index + 1}
            <span className="sr-only">, seed {seed}, </span>
          </span>
          <span>{tile.numNotes} notes</span>
        </span>
      </button>
    </li>
  );
}
