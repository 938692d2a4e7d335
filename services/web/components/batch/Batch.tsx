"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "@/components/controls/Button";
import { EmptyState, ErrorNotice, RECONNECTING } from "@/components/controls/notices";
import { Throughput } from "@/components/controls/Throughput";
import { cancelJob, generate, listJobs } from "@/lib/api/endpoints";
import { useJob, useJobStream, useModels } from "@/lib/api/queries";
import { isTerminal, type GenerationJob, promotedModels } from "@/lib/api/types";

import { BatchForm } from "./BatchForm";
import { MelodyGrid } from "./MelodyGrid";

const STORAGE_KEY = "ostinato.batch";

export function Batch() {
  const [jobId, setJobId] = useState<string | null>(() => localStorage.getItem(STORAGE_KEY));
  const models = useModels();
  const job = useJob(jobId);
  const { jobNotes, isConnected, error } = useJobStream(jobId);
  const show = (id: string) => {
    localStorage.setItem(STORAGE_KEY, id);
    setJobId(id);
  };
  const submit = useMutation({ mutationFn: generate, onSuccess: ({ id }) => show(id) });
  const stop = useMutation({ mutationFn: cancelJob });
  const versions = promotedModels(models.data);
  return (
    <>
      <h1 className="mb-5">Batch</h1>
      <BatchForm models={versions} isBusy={submit.isPending} onSubmit={(request) => submit.mutate(request)} />
      <div className="mt-4 flex flex-col gap-4">
        {[models.error, submit.error, stop.error, job.error, error].flatMap((problem, i) =>
          problem == null ? [] : [<ErrorNotice key={i} error={problem} />],
        )}
        {!isConnected && <p role="status" className="text-sm text-soft">{RECONNECTING}</p>}
        {job.data !== undefined && (
          <>
            <BatchProgress job={job.data} received={jobNotes.melodies.size} onStop={() => stop.mutate(job.data.id)} />
            <MelodyGrid job={job.data} jobNotes={jobNotes} onRetry={(requests) => requests.forEach((request) => submit.mutate(request))} />
          </>
        )}
        {jobId === null && (
          <EmptyState title="No batch yet">
            <p>Generate up to 10,000 melodies. They appear here as soon as they are finished, to play, sort and download as one zip.</p>
          </EmptyState>
        )}
      </div>
      <EarlierBatches currentId={jobId} onShow={show} />
    </>
  );
}

function BatchProgress({ job, received, onStop }: { job: GenerationJob; received: number; onStop: () => void }) {
  const { count } = job.request;
  const isDone = isTerminal(job.state);
  const done = Math.max(received, job.succeeded);
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
        {!isDone && <Throughput key={job.id} done={done} count={count} unit="melodies" />}
        <span className="grow" />
        {!isDone && <Button onClick={onStop}>Stop</Button>}
      </div>
      <progress value={done} max={count} aria-label="Finished melodies" className="block h-2 w-full" />
    </section>
  );
}

function EarlierBatches({ currentId, onShow }: { currentId: string | null; onShow: (id: string) => void }) {
  const jobs = useQuery({ queryKey: ["jobs", currentId], queryFn: () => listJobs(50) });
  const batches = jobs.data?.items.filter(({ request, id }) => request.count > 1 && id !== currentId) ?? [];
  if (batches.length === 0) return null;
  return (
    <section aria-label="Earlier batches" className="mt-8">
      <h2 className="mb-2">Earlier</h2>
      <ul className="flex flex-wrap gap-2">
        {batches.map(({ id, request, created_at, state }) => (
          <li key={id}>
            <Button onClick={() => onShow(id)}>
              {request.count.toLocaleString("en")} melodies, {request.model}, {state}, {new Date(created_at).toLocaleString([], { dateStyle: "short", timeStyle: "short" })}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
