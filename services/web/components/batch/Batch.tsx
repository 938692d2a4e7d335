"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "@/components/controls/Button";
import { Empty, Failure } from "@/components/controls/Notice";
import { Rate } from "@/components/controls/Rate";
import { cancel, generate, pageOfJobs } from "@/lib/api/calls";
import { useJob, useModels, usePerformance } from "@/lib/api/queries";
import { hasEnded, type Job, playableOf } from "@/lib/api/wire";

import { Grid } from "./Grid";
import { Order } from "./Order";

const KEPT = "ostinato.batch";

export function Batch() {
  const [jobId, setJobId] = useState<string | null>(() => localStorage.getItem(KEPT));
  const models = useModels();
  const job = useJob(jobId);
  const { performance, isConnected, failure } = usePerformance(jobId);
  const show = (id: string) => {
    localStorage.setItem(KEPT, id);
    setJobId(id);
  };
  const order = useMutation({ mutationFn: generate, onSuccess: ({ id }) => show(id) });
  const stop = useMutation({ mutationFn: cancel });
  const playable = playableOf(models.data);
  return (
    <>
      <h1 className="mb-5">Batch</h1>
      <Order models={playable} isBusy={order.isPending} onOrder={(request) => order.mutate(request)} />
      <div className="mt-4 flex flex-col gap-4">
        {[models.error, order.error, stop.error, job.error, failure].flatMap((problem, i) =>
          problem == null ? [] : [<Failure key={i} of={problem} />],
        )}
        {!isConnected && <p role="status" className="text-sm text-soft">The connection is lost; it is looked for, and nothing is missed.</p>}
        {job.data !== undefined && (
          <>
            <Progress job={job.data} made={performance.parts.size} onStop={() => stop.mutate(job.data.id)} />
            <Grid job={job.data} performance={performance} onRetry={(requests) => requests.forEach((request) => order.mutate(request))} />
          </>
        )}
        {jobId === null && (
          <Empty title="No batch yet">
            <p>Ask for up to 10,000 melodies. They appear here one by one, to be heard, sorted and taken away in one zip.</p>
          </Empty>
        )}
      </div>
      <Earlier present={jobId} onShow={show} />
    </>
  );
}

function Progress({ job, made, onStop }: { job: Job; made: number; onStop: () => void }) {
  const { count } = job.request;
  const isOver = hasEnded(job.state);
  const done = Math.max(made, job.succeeded);
  return (
    <section aria-label="Progress" className="rounded-2xl border border-line bg-panel p-4">
      <div className="mb-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        <p className="text-base">
          <span className="font-display text-2xl tabular-nums">{done.toLocaleString("en")}</span>
          <span className="text-soft"> of {count.toLocaleString("en")} melodies</span>
        </p>
        <p role="status" className="text-soft">
          {job.state}
          {job.failed > 0 && `, ${job.failed} failed`}
          {job.error != null && `: ${job.error.detail}`}
        </p>
        {!isOver && <Rate key={job.id} done={done} count={count} of="melodies" />}
        <span className="grow" />
        {!isOver && <Button onClick={onStop}>Stop</Button>}
      </div>
      <progress value={done} max={count} aria-label="Melodies that are there" className="block h-2 w-full" />
    </section>
  );
}

function Earlier({ present, onShow }: { present: string | null; onShow: (id: string) => void }) {
  const jobs = useQuery({ queryKey: ["jobs", present], queryFn: () => pageOfJobs(50) });
  const batches = jobs.data?.items.filter(({ request, id }) => request.count > 1 && id !== present) ?? [];
  if (batches.length === 0) return null;
  return (
    <section aria-label="Earlier batches" className="mt-8">
      <h2 className="mb-2">Earlier</h2>
      <ul className="flex flex-wrap gap-2">
        {batches.map(({ id, request, created_at, state }) => (
          <li key={id}>
            <Button onClick={() => onShow(id)}>
              {request.count.toLocaleString("en")} by {request.model}, {state}, {new Date(created_at).toLocaleString([], { dateStyle: "short", timeStyle: "short" })}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
