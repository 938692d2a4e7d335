"use client";

import { useInfiniteQuery } from "@tanstack/react-query";

import { Button } from "@/components/controls/Button";
import { listBatches } from "@/lib/api/endpoints";
import type { Batch } from "@/lib/api/types";
import { describe } from "@/lib/batch/metadata";

interface Props {
  currentId: string | null;
  onShow: (id: string) => void;
}

export function EarlierBatches({ currentId, onShow }: Props) {
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["batches", currentId],
    queryFn: ({ pageParam }) => listBatches(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
  const batches = data?.pages.flatMap(({ items }) => items).filter(({ id }) => id !== currentId) ?? [];
  if (batches.length === 0) return null;
  return (
    <section aria-label="Earlier batches" className="mt-8">
      <h2 className="mb-2">Earlier</h2>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,19rem),1fr))] gap-2">
        {batches.map((batch) => (
          <li key={batch.id}>
            <EarlierBatch batch={batch} onShow={onShow} />
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <Button className="mt-3" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show older
        </Button>
      )}
    </section>
  );
}

function EarlierBatch({ batch, onShow }: { batch: Batch; onShow: (id: string) => void }) {
  const { id, counts, state, created_at } = batch;
  const created = new Date(created_at).toLocaleString([], { dateStyle: "short", timeStyle: "short" });
  return (
    <button type="button" onClick={() => onShow(id)} className="w-full rounded-xl border border-line bg-panel px-4 py-2.5 text-left text-sm hover:bg-raised">
      <span className="flex justify-between gap-3">
        <span className="tabular-nums">{counts.total.toLocaleString("en")} melodies</span>
        <span className="text-soft">{state}</span>
      </span>
      <span className="flex justify-between gap-3 text-xs text-soft">
        <span className="truncate">{describe(batch)}</span>
        <span className="shrink-0 tabular-nums">{created}</span>
      </span>
    </button>
  );
}
