"use client";

// The melodies of a batch that failed, with the names of their lines.
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

import { Button } from "@/components/controls/Button";
import { ErrorNotice } from "@/components/controls/notices";
import { listBatchErrors } from "@/lib/api/endpoints";
import type { Batch } from "@/lib/api/types";

/** Failed melodies after which the first page, which is shown, changes no more. */
const FIRST_PAGE = 50;

export function BatchErrors({ batch: { id, counts } }: { batch: Batch }) {
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["batch-errors", id, Math.min(counts.failed, FIRST_PAGE)],
    queryFn: ({ pageParam }) => listBatchErrors(id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    enabled: counts.failed > 0,
    placeholderData: keepPreviousData,
  });
  if (counts.failed === 0) return null;
  const failures = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <section aria-label="Failed melodies" className="rounded-2xl border border-line bg-panel p-4">
      <h2 className="mb-2">{counts.failed.toLocaleString("en")} failed</h2>
      {error !== null && <ErrorNotice error={error} />}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- so that the arrow keys scroll it */}
      <div tabIndex={0} role="region" aria-label="List of failed melodies" className="max-h-72 overflow-y-auto">
        <table className="w-full text-left text-sm">
          <thead className="sticky top-0 bg-panel text-soft">
            <tr>
              <th className="py-1 pr-4 font-normal">Number</th>
              <th className="py-1 pr-4 font-normal">custom_id</th>
              <th className="py-1 font-normal">Reason</th>
            </tr>
          </thead>
          <tbody>
            {failures.map(({ index, custom_id, error: reason }) => (
              <tr key={index} className="border-t border-line align-top">
                <td className="py-1.5 pr-4 tabular-nums">{(index + 1).toLocaleString("en")}</td>
                <td className="max-w-48 py-1.5 pr-4 wrap-anywhere">{custom_id ?? <span className="text-soft">none</span>}</td>
                <td className="py-1.5 wrap-anywhere">
                  {reason.detail} <span className="text-soft">({reason.code})</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {hasNextPage && (
          <Button className="mt-2" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show more
          </Button>
        )}
      </div>
    </section>
  );
}
