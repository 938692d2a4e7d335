"use client";

// React hooks for the data of the gateway: cached queries and live job events.
import { QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { RecentRate } from "@/lib/batch/recentRate";
import { applyEvents, EMPTY, type JobNotes } from "@/lib/music/jobNotes";

import { getBatch, getJob, listModels } from "./endpoints";
import { followJob } from "./events";
import { Problem } from "./problem";
import { type Event, isTerminal } from "./types";

const MAX_RETRIES = 5;

const isTransient = (error: Error): boolean => !(error instanceof Problem) || error.isTransient;

export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: { queries: { retry: (count, error) => isTransient(error) && count < MAX_RETRIES, staleTime: 5_000 } },
  });

/** Returns a function that refetches the queries under `keys`; it cancels requests in flight, because their responses are outdated. */
export function useInvalidateQueries(...keys: readonly string[]): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    for (const key of keys) {
      await queries.cancelQueries({ queryKey: [key] });
      await queries.invalidateQueries({ queryKey: [key] });
    }
  };
}

/** The model versions, polled while a worker has to test one. */
export const useModels = () =>
  useQuery({
    queryKey: ["models"],
    queryFn: listModels,
    refetchInterval: ({ state }) => (state.data?.some(({ promotion }) => promotion === "pending") ? 1_000 : false),
  });

/** A job, polled until it has ended. */
export const useJob = (id: string | null) =>
  useQuery({
    queryKey: ["job", id],
    queryFn: () => getJob(id ?? ""),
    enabled: id !== null,
    refetchInterval: ({ state }) => (state.data !== undefined && isTerminal(state.data.state) ? false : 1_000),
  });

/** A batch, polled until it has ended. */
export function useBatch(id: string | null) {
  const [recent] = useState(() => new RecentRate());
  return useQuery({
    queryKey: ["batch", id],
    queryFn: async () => recent.apply(await getBatch(id ?? ""), performance.now() / 1000),
    enabled: id !== null,
    refetchInterval: ({ state }) => (state.data !== undefined && isTerminal(state.data.state) ? false : 1_000),
  });
}

/** Events that arrive within this many milliseconds are applied together: a job can have thousands. */
const FLUSH_INTERVAL_MS = 30;

interface JobStream {
  jobId: string | null;
  jobNotes: JobNotes;
  isConnected: boolean;
  error: unknown;
}

const EMPTY_STREAM: JobStream = { jobId: null, jobNotes: EMPTY, isConnected: true, error: null };

/** Streams the notes of a job; after a reload it starts at the first event. */
export function useJobStream(jobId: string | null): JobStream {
  const [stream, setStream] = useState(EMPTY_STREAM);
  useEffect(() => {
    if (jobId === null) return undefined;
    const controller = new AbortController();
    let pending: Event[] = [];
    const update = (next: (previous: JobStream) => Partial<JobStream>) => {
      if (controller.signal.aborted) return;
      setStream((previous) => {
        const current = previous.jobId === jobId ? previous : { ...EMPTY_STREAM, jobId };
        return { ...current, ...next(current) };
      });
    };
    const flush = () => {
      const events = pending;
      pending = [];
      update(({ jobNotes }) => ({ jobNotes: applyEvents(jobNotes, events) }));
    };
    followJob(
      jobId,
      {
        onEvent: (event) => {
          pending.push(event);
          if (pending.length === 1) setTimeout(flush, FLUSH_INTERVAL_MS);
        },
        onConnectionChange: (isConnected) => update(() => ({ isConnected })),
      },
      controller.signal,
    ).catch((error: unknown) => update(() => ({ error })));
    return () => controller.abort();
  }, [jobId]);
  return stream.jobId === jobId ? stream : { ...EMPTY_STREAM, jobId };
}
