"use client";

// The state of a batch, and what can be done with it.
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { Button } from "@/components/controls/Button";
import { Icon } from "@/components/controls/Icon";
import { ErrorNotice } from "@/components/controls/notices";
import { cancelBatch, getBatchArchive, pauseBatch, resumeBatch, retryBatch } from "@/lib/api/endpoints";
import { type Batch, type BatchCounts, isTerminal } from "@/lib/api/types";
import { describe } from "@/lib/batch/metadata";
import { formatClock } from "@/lib/music/time";
import { download } from "@/lib/studio/download";

interface Props {
  batch: Batch;
  onRetried: (batch: Batch) => void;
}

export function BatchProgress({ batch, onRetried }: Props) {
  const { id, state, counts } = batch;
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (run: (id: string) => Promise<Batch>) => run(id),
    onSuccess: (changed) => queries.setQueryData(["batch", id], changed),
    onError: () => queries.invalidateQueries({ queryKey: ["batch", id] }), // it may have ended in the meantime
  });
  const retry = useMutation({ mutationFn: () => retryBatch(id), onSuccess: onRetried });
  const zip = useMutation({ mutationFn: async () => download(await getBatchArchive(id), `ostinato-${id}.zip`) });
  const isDone = isTerminal(state);
  const canPause = state === "queued" || state === "running";
  const about = describe(batch);
  return (
    <section aria-label="Progress" className="rounded-2xl border border-line bg-panel p-4">
      <div className="mb-3 flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
        <p className="text-base">
          <span className="font-display text-2xl tabular-nums">{counts.succeeded.toLocaleString("en")}</span>
          <span className="text-soft"> of {counts.total.toLocaleString("en")} melodies</span>
        </p>
        <p role="status" className="text-soft">{state}</p>
        <Rate batch={batch} />
        <span className="grow" />
        {canPause && <Button disabled={change.isPending} onClick={() => change.mutate(pauseBatch)}>Pause</Button>}
        {state === "paused" && <Button disabled={change.isPending} onClick={() => change.mutate(resumeBatch)}>Resume</Button>}
        {!isDone && state !== "cancelling" && <Button disabled={change.isPending} onClick={() => change.mutate(cancelBatch)}>Cancel</Button>}
        {isDone && counts.failed > 0 && <Button disabled={retry.isPending} onClick={() => retry.mutate()}>Retry failed</Button>}
        <Button disabled={counts.succeeded === 0 || zip.isPending} onClick={() => zip.mutate()}>
          <Icon name="download" /> {zip.isPending ? "Downloading ..." : "Download zip"}
        </Button>
      </div>
      <StackedBar counts={counts} />
      <div className="mt-3 flex flex-wrap gap-x-6 gap-y-1 text-sm">
        <Counts counts={counts} />
        <span className="grow" />
        {about !== "" && <p className="text-soft wrap-anywhere">{about}</p>}
      </div>
      {batch.waiting_for != null && counts.running === 0 && state !== "paused" && <p className="mt-2 text-sm text-soft">Waits for: {batch.waiting_for}</p>}
      {[change.error, retry.error, zip.error].map((error, i) => error !== null && <div key={i} className="mt-3"><ErrorNotice error={error} /></div>)}
    </section>
  );
}

function Rate({ batch: { state, melodies_per_second, eta_seconds, started_at, finished_at } }: { batch: Batch }) {
  if (isTerminal(state)) {
    if (started_at == null || finished_at == null) return null;
    return <p className="text-soft tabular-nums">in {formatClock((Date.parse(finished_at) - Date.parse(started_at)) / 1000)}</p>;
  }
  if (melodies_per_second == null || melodies_per_second === 0 || state === "paused") return null;
  return (
    <p className="text-soft tabular-nums">
      {melodies_per_second.toFixed(1)} melodies per second{eta_seconds != null && `, ${formatClock(eta_seconds)} left`}
    </p>
  );
}

/** The melodies that have ended, by state, as shares of one bar. */
function StackedBar({ counts: { total, succeeded, failed, cancelled, expired } }: { counts: BatchCounts }) {
  const parts = [
    [succeeded, "bg-accent"],
    [failed, "bg-bad"],
    [cancelled + expired, "bg-edge"],
  ] as const;
  return (
    <div role="progressbar" aria-label="Melodies that have ended" aria-valuemin={0} aria-valuenow={succeeded + failed + cancelled + expired} aria-valuemax={total} className="flex h-2 w-full overflow-hidden rounded-full bg-raised">
      {parts.map(([count, color]) => (
        <span key={color} style={{ width: `${(100 * count) / total}%` }} className={`${color} transition-[width] duration-200`} />
      ))}
    </div>
  );
}

/** States in the order in which a melody has them. */
const STATES = ["queued", "running", "succeeded", "failed", "cancelled", "expired"] as const;

function Counts({ counts }: { counts: BatchCounts }) {
  return (
    <dl className="flex flex-wrap gap-x-5 gap-y-1">
      {STATES.filter((state) => counts[state] > 0).map((state) => (
        <div key={state} className="flex gap-1.5">
          <dt className="text-soft">{state}</dt>
          <dd className={`tabular-nums ${state === "failed" ? "text-bad" : state === "succeeded" ? "text-good" : ""}`}>{counts[state].toLocaleString("en")}</dd>
        </div>
      ))}
    </dl>
  );
}
