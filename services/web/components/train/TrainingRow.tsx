"use client";

import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { Button } from "@/components/controls/Button";
import { ErrorNotice } from "@/components/controls/notices";
import type { MelodyPlayback } from "@/components/melody/useMelodyPlayback";
import { cancelTraining, pauseTraining, promote, resumeTraining } from "@/lib/api/endpoints";
import { mayPromote, useScopes } from "@/lib/api/permissions";
import { useInvalidateQueries, useModels } from "@/lib/api/queries";
import { isTerminal, type Training } from "@/lib/api/types";

import { LossCurve } from "./LossCurve";
import { PreviewSamples } from "./PreviewSamples";
import { useTrainingProgress } from "./useTrainingProgress";

export function TrainingRow({ training, playback }: { training: Training; playback: MelodyPlayback }) {
  const models = useModels();
  const scopes = useScopes();
  const { current, metrics } = useTrainingProgress(training);
  const { id, request, state, error } = training;
  const action = useMutation({
    mutationFn: (run: (id: string) => Promise<unknown>) => run(id),
    onSuccess: useInvalidateQueries("trainings", "models"),
  });
  const model = models.data?.find(({ version }) => version === request.version);
  const isDone = isTerminal(state);
  const refetchModels = useInvalidateQueries("models");
  const latestRefetchModels = useRef(refetchModels);
  useEffect(() => {
    latestRefetchModels.current = refetchModels;
  });
  useEffect(() => {
    if (isDone) void latestRefetchModels.current(); // the new version is registered by now
  }, [isDone]);
  return (
    <article aria-label={request.version} className="rounded-2xl border border-line bg-panel p-4">
      <header className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2">
        <h3 className="font-display text-lg">{request.version}</h3>
        <p role="status" className="text-sm text-soft">
          {request.recipe}, {state}
          {current !== null && `, step ${current.step}, ${(current.progress * 100).toFixed(0)} % done`}
        </p>
        <span className="grow" />
        {(state === "running" || state === "queued") && <Button disabled={action.isPending} onClick={() => action.mutate(pauseTraining)}>Pause</Button>}
        {state === "paused" && <Button disabled={action.isPending} onClick={() => action.mutate(resumeTraining)}>Resume</Button>}
        {!isDone && <Button disabled={action.isPending} onClick={() => action.mutate(cancelTraining)}>Cancel</Button>}
        {model?.promotion === "pending" && <p className="text-sm text-soft">Promotion pending</p>}
        {model?.promoted_at === null && model.promotion !== "pending" && mayPromote(model, scopes) && (
          <Button kind="primary" disabled={action.isPending} onClick={() => action.mutate(() => promote(model.version, model.sha256))}>
            Promote
          </Button>
        )}
        {model != null && model.promoted_at !== null && <p className="text-sm text-good">Promoted</p>}
      </header>
      {current !== null && <progress value={current.progress} max={1} aria-label={`Progress of ${request.version}`} className="mb-3 block h-2 w-full" />}
      {error != null && <ErrorNotice error={error.detail} />}
      {model?.promotion === "refused" && <ErrorNotice error={`The promotion was refused: ${model.promotion_detail}`} />}
      {action.error !== null && <ErrorNotice error={action.error} />}
      <LossCurve metrics={metrics} />
      <PreviewSamples version={request.version} metrics={metrics} playback={playback} />
    </article>
  );
}
