"use client";

// The live progress of a training, and its validation metrics.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { getTrainingMetrics } from "@/lib/api/endpoints";
import { followJob } from "@/lib/api/events";
import { type Event, isTerminal, type Training } from "@/lib/api/types";

export interface StepProgress {
  /** Share of the training budget that is used, from 0 to 1. */
  progress: number;
  step: number;
}

export function useTrainingProgress({ id, state }: Training) {
  const queries = useQueryClient();
  const isDone = isTerminal(state);
  const [current, setCurrent] = useState<StepProgress | null>(null);
  const metrics = useQuery({ queryKey: ["metrics", id], queryFn: () => getTrainingMetrics(id) });
  useEffect(() => {
    if (isDone) return undefined;
    const controller = new AbortController();
    const onEvent = (event: Event) => {
      if (event.kind === "step") setCurrent({ progress: event.progress, step: event.step });
      if (event.kind === "metrics") void queries.invalidateQueries({ queryKey: ["metrics", id] });
      if (event.kind === "job") void queries.invalidateQueries({ queryKey: ["trainings"] });
    };
    followJob(id, { onEvent }, controller.signal).catch(() => undefined); // the list of trainings is polled as well
    return () => controller.abort();
  }, [id, isDone, queries]);
  return { current: isDone ? null : current, metrics: metrics.data ?? [] };
}
