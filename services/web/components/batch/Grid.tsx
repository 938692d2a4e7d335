"use client";

// Everything that a batch has made so far, as pictures that sound.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";

import { Button } from "@/components/controls/Button";
import { Choice } from "@/components/controls/Choice";
import { Icon } from "@/components/controls/Icon";
import { Failure } from "@/components/controls/Notice";
import { type Listening, useListening } from "@/components/melody/useListening";
import { MiniRoll } from "@/components/roll/MiniRoll";
import { getArchive, getMelody } from "@/lib/api/calls";
import { type GenerationRequest, hasEnded, type Job } from "@/lib/api/wire";
import { inOrder, ORDERS, type Tile } from "@/lib/batch/orders";
import { retries } from "@/lib/batch/retries";
import type { Performance } from "@/lib/music/performance";
import { download } from "@/lib/studio/download";

import { useTilesInSight } from "./useTilesInSight";

interface Props {
  job: Job;
  performance: Performance;
  onRetry: (requests: GenerationRequest[]) => void;
}

export function Grid({ job, performance, onRetry }: Props) {
  const [order, setOrder] = useState("in order");
  const [fewest, setFewest] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const sight = useTilesInSight(list);
  const listening = useListening();
  const zip = useMutation({ mutationFn: async () => download(await getArchive(job.id), `ostinato-${job.id}.zip`) });
  const tiles = useMemo(
    () =>
      [...performance.parts]
        .flatMap(([index, { id, gist }]) => (id !== null && gist.numNotes >= fewest ? [{ index, id, ...gist }] : []))
        .sort(inOrder(order)),
    [performance.parts, order, fewest],
  );
  const missing = hasEnded(performance.state) ? retries(job.request, performance) : [];
  return (
    <section aria-label="Melodies">
      <div className="mb-3 flex flex-wrap items-end gap-3">
        <Choice label="Sorted" value={order} onChange={setOrder}>
          {Object.keys(ORDERS).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Choice>
        <label className="text-sm">
          <span className="mb-1 block text-soft">Notes, at least</span>
          <input type="number" min={0} value={fewest} onChange={({ target }) => setFewest(Math.max(0, target.valueAsNumber || 0))} className="h-10 w-24 rounded-lg border border-edge bg-panel px-3" />
        </label>
        <p className="pb-2.5 text-sm text-soft">{tiles.length.toLocaleString("en")} shown</p>
        <span className="grow" />
        {missing.length > 0 && <Button onClick={() => onRetry(missing)}>Retry what is missing</Button>}
        <Button disabled={tiles.length === 0 || zip.isPending} onClick={() => zip.mutate()}>
          <Icon name="download" /> One zip
        </Button>
      </div>
      {zip.error !== null && <Failure of={zip.error} />}
      <ul ref={list} style={sight.margins(tiles.length)} className="grid auto-rows-[7rem] grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))]">
        {tiles.slice(sight.first, sight.last).map((tile, i) => (
          <Picture key={tile.id} tile={tile} place={sight.first + i + 1} of={tiles.length} job={job} listening={listening} />
        ))}
      </ul>
    </section>
  );
}

interface PictureProps {
  tile: Tile;
  /** In the whole list, counted from 1. */
  place: number;
  of: number;
  job: Job;
  listening: Listening;
}

function Picture({ tile, place, of, job, listening }: PictureProps) {
  const { data } = useQuery({ queryKey: ["melody", tile.id], queryFn: () => getMelody(tile.id), staleTime: Infinity });
  const isHeard = listening.id === tile.id;
  const seed = (job.request.seed ?? 0) + tile.index;
  return (
    <li aria-posinset={place} aria-setsize={of} className="p-1">
      <button
        type="button"
        disabled={data === undefined}
        onClick={() => data && listening.toggle(data, job.request.instrument)}
        className={`w-full rounded-xl border bg-panel p-2 text-left hover:bg-raised ${isHeard ? "border-accent" : "border-line"}`}
      >
        <span className="block h-16">{data !== undefined && <MiniRoll notes={data.notes} bars={data.bars} className="h-full" />}</span>
        <span className="mt-1 flex justify-between text-xs text-soft tabular-nums">
          <span>
            <span className="sr-only">{isHeard ? "Stop" : "Play"} melody </span>
            {tile.index + 1}
            <span className="sr-only">, seed {seed}, </span>
          </span>
          <span>{tile.numNotes} notes</span>
        </span>
      </button>
    </li>
  );
}
