"use client";

import { useMutation } from "@tanstack/react-query";

import { useEffect, useRef } from "react";

import { Button } from "@/components/controls/Button";
import { Failure } from "@/components/controls/Notice";
import type { Listening } from "@/components/melody/useListening";
import { cancelTraining, pauseTraining, promote, resumeTraining } from "@/lib/api/calls";
import { useAnew, useModels } from "@/lib/api/queries";
import { hasEnded, type Training } from "@/lib/api/wire";

import { Curve } from "./Curve";
import { Samples } from "./Samples";
import { useTraining } from "./useTraining";

export function Run({ training, listening }: { training: Training; listening: Listening }) {
  const models = useModels();
  const { live, curve } = useTraining(training);
  const { id, request, state, error } = training;
  const told = useMutation({
    mutationFn: (deed: (id: string) => Promise<unknown>) => deed(id),
    onSuccess: useAnew("trainings", "models"),
  });
  const made = models.data?.find(({ version }) => version === request.version);
  const isOver = hasEnded(state);
  const anew = useAnew("models");
  const anewLatest = useRef(anew);
  useEffect(() => {
    anewLatest.current = anew;
  });
  useEffect(() => {
    if (isOver) void anewLatest.current(); // what it made is listed now
  }, [isOver]);
  return (
    <article aria-label={request.version} className="rounded-2xl border border-line bg-panel p-4">
      <header className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2">
        <h3 className="font-display text-lg">{request.version}</h3>
        <p role="status" className="text-sm text-soft">
          {request.recipe}, {state}
          {live !== null && `, step ${live.step}, ${(live.spent * 100).toFixed(0)} % of its budget`}
        </p>
        <span className="grow" />
        {(state === "running" || state === "queued") && <Button disabled={told.isPending} onClick={() => told.mutate(pauseTraining)}>Pause</Button>}
        {state === "paused" && <Button disabled={told.isPending} onClick={() => told.mutate(resumeTraining)}>Resume</Button>}
        {!isOver && <Button disabled={told.isPending} onClick={() => told.mutate(cancelTraining)}>Cancel</Button>}
        {made?.promoted_at === null && (
          <Button kind="primary" disabled={told.isPending} onClick={() => told.mutate(() => promote(made.version, made.sha256))}>
            Promote
          </Button>
        )}
        {made != null && made.promoted_at !== null && <p className="text-sm text-good">The Studio offers it</p>}
      </header>
      {live !== null && <progress value={live.spent} max={1} aria-label={`Budget of ${request.version}`} className="mb-3 block h-2 w-full" />}
      {error != null && <Failure of={error.detail} />}
      {told.error !== null && <Failure of={told.error} />}
      <Curve points={curve} />
      <Samples of={request.version} points={curve} listening={listening} />
    </article>
  );
}
