"use client";

import { Button } from "@/components/controls/Button";
import { ErrorNotice, RECONNECTING } from "@/components/controls/notices";
import { Throughput } from "@/components/controls/Throughput";

import type { Studio } from "./useStudio";

/** The progress or the error of the current generation, in one line. */
export function GenerationProgress({ studio }: { studio: Studio }) {
  const { generation, job, stream, generatedBars, isGenerating, models, versions } = studio;
  if (models.error !== null) return <ErrorNotice error={models.error} />;
  if (models.isSuccess && versions.length === 0) {
    return <ErrorNotice error="No model version is promoted. Promote one on the Models page, or train one on the Train page." />;
  }
  const error = studio.error ?? stream.error ?? job.data?.error?.detail ?? null;
  if (error !== null) {
    return (
      <ErrorNotice error={error}>
        {studio.retry !== null && (
          <Button className="mt-2" onClick={studio.retry}>
            Try again
          </Button>
        )}
      </ErrorNotice>
    );
  }
  if (generation === null || !isGenerating) return null;
  const numBars = generation.bars.length;
  const numAhead = job.data?.queue_position ?? 0;
  const text = !stream.isConnected
    ? RECONNECTING
    : generatedBars > 0
      ? `Generating bar ${Math.min(generatedBars + 1, numBars)} of ${numBars}`
      : numAhead > 0
        ? `Queued, ${numAhead} ahead`
        : job.data?.state === "running"
          ? "Generating the first bar"
          : (job.data?.waiting_for ?? "Waiting for a worker");
  return (
    <div className="flex flex-wrap items-center gap-x-3 text-sm text-soft">
      <progress value={generatedBars} max={numBars} aria-label="Generated bars" className="h-1.5 w-32" />
      <p role="status">{text}</p>
      <Throughput key={generation.jobId} done={generatedBars} count={numBars} unit="bars" />
    </div>
  );
}
