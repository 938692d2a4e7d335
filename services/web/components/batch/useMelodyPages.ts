"use client";

// The melodies in view, by index: only their pages are fetched, again while melodies are missing.
import { type UseQueryResult, useQueries, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { listBatchMelodies } from "@/lib/api/endpoints";
import { type Batch, isTerminal, type MelodySummary } from "@/lib/api/types";
import { indexBefore, ofPage, PAGE_SIZE, pageLength, pagesOf } from "@/lib/batch/pages";

const REFETCH_MS = 2_000;
/** Pages that are out of view are forgotten after this time: a batch has up to 1,000. */
const PAGE_GC_MS = 60_000;

export function useMelodyPages({ id, state, counts }: Batch, first: number, end: number): ReadonlyMap<number, MelodySummary> {
  const queries = useQueryClient();
  const isEnded = isTerminal(state);
  useEffect(() => {
    if (isEnded) void queries.invalidateQueries({ queryKey: ["batch-melodies", id] });
  }, [queries, id, isEnded]);
  return useQueries({
    queries: pagesOf(first, end).map((page) => ({
      queryKey: ["batch-melodies", id, page],
      queryFn: async () => ofPage(page, await listBatchMelodies(id, indexBefore(page), PAGE_SIZE)),
      staleTime: isEnded ? Infinity : REFETCH_MS,
      gcTime: PAGE_GC_MS,
      refetchInterval: ({ state: { data } }: { state: { data: MelodySummary[] | undefined } }) => (isEnded || data?.length === pageLength(page, counts.total) ? (false as const) : REFETCH_MS),
    })),
    combine: byIndex,
  });
}

const byIndex = (results: readonly UseQueryResult<MelodySummary[]>[]): ReadonlyMap<number, MelodySummary> =>
  new Map(results.flatMap(({ data }) => data ?? []).map((melody) => [melody.index, melody]));
