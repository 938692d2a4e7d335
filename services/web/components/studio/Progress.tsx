"use client";

import { Button } from "@/components/controls/Button";
import { Failure } from "@/components/controls/Notice";
import { Rate } from "@/components/controls/Rate";

import type { Studio } from "./useStudio";

/** One line on how the writing goes. */
export function Progress({ studio }: { studio: Studio }) {
  const { work, job, heard, written, isWriting, failure, models, playable } = studio;
  if (models.error !== null) return <Failure of={models.error} />;
  if (models.isSuccess && playable.length === 0) {
    return <Failure of="There is no model to play. Train one on the Train page, or promote one on Models." />;
  }
  const problem = failure ?? heard.failure ?? job.data?.error?.detail ?? null;
  if (problem !== null) {
    return (
      <Failure of={problem}>
        {studio.retry !== null && (
          <Button className="mt-2" onClick={studio.retry}>
            Try again
          </Button>
        )}
      </Failure>
    );
  }
  if (work === null || !isWriting) return null;
  const ahead = job.data?.queue_position ?? 0;
  const text = !heard.isConnected
    ? "The connection is lost; it is looked for, and nothing is missed."
    : written > 0
      ? `Writing bar ${Math.min(written + 1, work.bars)} of ${work.bars}`
      : ahead > 0
        ? `Waiting: ${ahead} ahead of yours`
        : job.data?.state === "running"
          ? "The first bar is being written"
          : "Waiting for a worker to take it";
  return (
    <div className="flex flex-wrap items-center gap-x-3 text-sm text-soft">
      <progress value={written} max={work.bars} aria-label="Bars written" className="h-1.5 w-32" />
      <p role="status">{text}</p>
      <Rate key={work.jobId} done={written} count={work.bars} of="bars" />
    </div>
  );
}
