"use client";

// The melodies of a batch as a grid of piano rolls that can be played.
//
// While a batch runs, and if it is large, each melody has the place of its index, and only the pages
// in view are fetched. All melodies of a smaller batch that has ended are fetched, to be sorted.
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo, useRef, useState } from "react";

import { ErrorNotice } from "@/components/controls/notices";
import { Select } from "@/components/controls/Select";
import { useMelodyPlayback } from "@/components/melody/useMelodyPlayback";
import { listAllBatchMelodies } from "@/lib/api/endpoints";
import { type Batch, isTerminal } from "@/lib/api/types";
import { bySortOrder, DEFAULT_SORT_ORDER, SORT_ORDERS } from "@/lib/batch/sortOrders";

import { EmptyTile, MelodyTile } from "./MelodyTile";
import { useMelodyPages } from "./useMelodyPages";
import { useVisibleTiles } from "./useVisibleTiles";

/** Melodies up to which a batch is fetched as a whole; more would take minutes and hundreds of megabytes. */
const MAX_SORTABLE = 5_000;

export function MelodyGrid({ batch }: { batch: Batch }) {
  if (!isTerminal(batch.state) || batch.counts.succeeded > MAX_SORTABLE) return <PagedMelodies batch={batch} />;
  return batch.counts.succeeded > 0 ? <SortedMelodies batch={batch} /> : null;
}

function PagedMelodies({ batch }: { batch: Batch }) {
  const list = useRef<HTMLUListElement>(null);
  const visible = useVisibleTiles(list);
  const playback = useMelodyPlayback();
  const { total, succeeded } = batch.counts;
  const first = Math.min(visible.first, total);
  const end = Math.min(visible.last, total);
  const melodies = useMelodyPages(batch, first, end);
  return (
    <section aria-label="Melodies">
      <p className="mb-3 text-sm text-soft">
        {succeeded.toLocaleString("en")} finished, in the order of the batch.{" "}
        {total > MAX_SORTABLE ? `Batches of up to ${MAX_SORTABLE.toLocaleString("en")} melodies can be sorted.` : "They can be sorted when the batch has ended."}
      </p>
      <ul ref={list} style={visible.padding(total)} className={GRID}>
        {Array.from({ length: end - first }, (_, i) => first + i).map((index) => {
          const melody = melodies.get(index);
          const place = { position: index + 1, total };
          return melody === undefined ? <EmptyTile key={index} {...place} /> : <MelodyTile key={index} {...place} melody={melody} playback={playback} />;
        })}
      </ul>
    </section>
  );
}

const GRID = "grid auto-rows-[7rem] grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))]";

function SortedMelodies({ batch }: { batch: Batch }) {
  const [sortOrder, setSortOrder] = useState(DEFAULT_SORT_ORDER);
  const [minNotes, setMinNotes] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const visible = useVisibleTiles(list);
  const playback = useMelodyPlayback();
  const { data, error } = useQuery({ queryKey: ["batch-melodies", batch.id, "all"], queryFn: () => listAllBatchMelodies(batch.id), staleTime: Infinity });
  const melodies = useMemo(() => data?.filter(({ num_notes }) => num_notes >= minNotes).sort(bySortOrder(sortOrder)), [data, sortOrder, minNotes]);
  const total = melodies?.length ?? 0;
  return (
    <section aria-label="Melodies">
      <div className="mb-3 flex flex-wrap items-end gap-3">
        <Select label="Sort by" value={sortOrder} onChange={setSortOrder}>
          {Object.keys(SORT_ORDERS).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
        <Labelled label="Minimum notes">
          <input type="number" min={0} value={minNotes} onChange={({ target }) => setMinNotes(Math.max(0, target.valueAsNumber || 0))} className="h-10 w-24 rounded-lg border border-edge bg-panel px-3" />
        </Labelled>
        <p className="pb-2.5 text-sm text-soft">{melodies === undefined ? "Loading ..." : `${total.toLocaleString("en")} shown`}</p>
      </div>
      {error !== null && <ErrorNotice error={error} />}
      <ul ref={list} style={visible.padding(total)} className={GRID}>
        {melodies?.slice(visible.first, visible.last).map((melody, i) => (
          <MelodyTile key={melody.id} melody={melody} position={visible.first + i + 1} total={total} playback={playback} />
        ))}
      </ul>
    </section>
  );
}

function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <label className="text-sm">
      <span className="mb-1 block text-soft">{label}</span>
      {children}
    </label>
  );
}
