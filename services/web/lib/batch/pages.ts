// Pages of the melodies of a batch: page p has the melodies whose index is in its range.
import type { MelodySummary } from "@/lib/api/types";

/** Melodies of a page; the gateway returns as many in one response. */
export const PAGE_SIZE = 100;

/** The pages that contain the indexes from `first` up to, but not including, `end`. */
export function pagesOf(first: number, end: number): number[] {
  if (end <= first) return [];
  const firstPage = Math.floor(first / PAGE_SIZE);
  const lastPage = Math.floor((end - 1) / PAGE_SIZE);
  return Array.from({ length: lastPage - firstPage + 1 }, (_, i) => firstPage + i);
}

/** The index after which a page begins. */
export const indexBefore = (page: number): number => page * PAGE_SIZE - 1;

/** The melodies of a page among those that the gateway returned: gaps are filled from the next page. */
export const ofPage = (page: number, melodies: readonly MelodySummary[]): MelodySummary[] => melodies.filter(({ index }) => index < (page + 1) * PAGE_SIZE);

/** The number of melodies of a page when the batch is complete. */
export const pageLength = (page: number, total: number): number => Math.max(0, Math.min(PAGE_SIZE, total - page * PAGE_SIZE));
