"use client";

// The state of the server, as React sees it.
import { QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { hearAll, type Performance, SILENCE } from "@/lib/music/performance";

import { getJob, listModels } from "./calls";
import { follow } from "./events";
import { Problem } from "./problem";
import { type Event, hasEnded } from "./wire";

const isPassing = (failure: Error): boolean => !(failure instanceof Problem) || failure.isPassing;

export const queryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: { queries: { retry: (count, failure) => isPassing(failure) && count < 5, staleTime: 5_000 } },
  });

/** Asks anew for what has just changed; an answer that is still on its way is from before, and dropped. */
export function useAnew(...keys: readonly string[]): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    for (const key of keys) {
      await queries.cancelQueries({ queryKey: [key] });
      await queries.invalidateQueries({ queryKey: [key] });
    }
  };
}

export const useModels = () => useQuery({ queryKey: ["models"], queryFn: listModels });

/** A job, asked for again until it has ended. */
export const useJob = (id: string | null) =>
  useQuery({
    queryKey: ["job", id],
    queryFn: () => getJob(id ?? ""),
    enabled: id !== null,
    refetchInterval: ({ state }) => (state.data !== undefined && hasEnded(state.data.state) ? false : 1_000),
  });

/** Milliseconds in which events are gathered: a batch has thousands. */
const TOGETHER = 30;

interface Heard {
  jobId: string | null;
  performance: Performance;
  isConnected: boolean;
  failure: unknown;
}

const NOBODY: Heard = { jobId: null, performance: SILENCE, isConnected: true, failure: null };

/** A job as it is heard, live; from its beginning after a reload. */
export function usePerformance(jobId: string | null): Heard {
  const [heard, setHeard] = useState(NOBODY);
  useEffect(() => {
    if (jobId === null) return undefined;
    const over = new AbortController();
    let waiting: Event[] = [];
    const change = (next: (was: Heard) => Partial<Heard>) => {
      if (over.signal.aborted) return;
      setHeard((was) => {
        const mine = was.jobId === jobId ? was : { ...NOBODY, jobId };
        return { ...mine, ...next(mine) };
      });
    };
    const flush = () => {
      const events = waiting;
      waiting = [];
      change(({ performance }) => ({ performance: hearAll(performance, events) }));
    };
    follow(
      jobId,
      {
        hear: (event) => {
          waiting.push(event);
          if (waiting.length === 1) setTimeout(flush, TOGETHER);
        },
        connected: (isConnected) => change(() => ({ isConnected })),
      },
      over.signal,
    ).catch((failure: unknown) => change(() => ({ failure })));
    return () => over.abort();
  }, [jobId]);
  return heard.jobId === jobId ? heard : { ...NOBODY, jobId };
}
