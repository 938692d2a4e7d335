"use client";

// A training as it goes on: its state, its curve, and how much of its budget is over.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { curveOf } from "@/lib/api/calls";
import { follow } from "@/lib/api/events";
import { hasEnded, type Training } from "@/lib/api/wire";

export interface Live {
  spent: number;
  step: number;
  loss: number | null;
}

export function useTraining({ id, state }: Training) {
  const queries = useQueryClient();
  const isOver = hasEnded(state);
  const [live, setLive] = useState<Live | null>(null);
  const curve = useQuery({ queryKey: ["curve", id], queryFn: () => curveOf(id) });
  useEffect(() => {
    if (isOver) return undefined;
    const over = new AbortController();
    const hear = (event: Parameters<Parameters<typeof follow>[1]["hear"]>[0]) => {
      if (event.kind === "step") setLive({ spent: event.spent, step: event.step, loss: event.train_nats_per_token });
      if (event.kind === "point") void queries.invalidateQueries({ queryKey: ["curve", id] });
      if (event.kind === "job") void queries.invalidateQueries({ queryKey: ["trainings"] });
    };
    follow(id, { hear }, over.signal).catch(() => undefined); // its state comes with the list, too
    return () => over.abort();
  }, [id, isOver, queries]);
  return { live: isOver ? null : live, curve: curve.data ?? [] };
}
