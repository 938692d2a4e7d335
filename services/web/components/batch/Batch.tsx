"use client";

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { EmptyState, ErrorNotice } from "@/components/controls/notices";
import { submitBatch, submitBatchFile } from "@/lib/api/endpoints";
import { Problem } from "@/lib/api/problem";
import { useBatch, useInvalidateQueries, useModels } from "@/lib/api/queries";
import { type Batch as BatchData, promotedModels } from "@/lib/api/types";
import { metadataOf } from "@/lib/batch/metadata";

import { BatchErrors } from "./BatchErrors";
import { BatchForm } from "./BatchForm";
import { BatchProgress } from "./BatchProgress";
import { EarlierBatches } from "./EarlierBatches";
import { FileDrop } from "./FileDrop";
import { MelodyGrid } from "./MelodyGrid";

const STORAGE_KEY = "ostinato.batch";

export function Batch() {
  const [batchId, setBatchId] = useState<string | null>(() => localStorage.getItem(STORAGE_KEY));
  const models = useModels();
  const batch = useBatch(batchId);
  const refetchList = useInvalidateQueries("batches");
  const show = (id: string) => {
    localStorage.setItem(STORAGE_KEY, id);
    setBatchId(id);
  };
  const showNew = ({ id }: BatchData) => {
    show(id);
    void refetchList();
  };
  const submit = useMutation({ mutationFn: (send: () => Promise<BatchData>) => send(), onSuccess: showNew });
  const isUnknown = batch.error instanceof Problem && batch.error.code === "batch_not_found"; // deleted, or of another key
  const current = isUnknown ? undefined : batch.data;
  return (
    <>
      <h1 className="mb-5">Batch</h1>
      <BatchForm
        models={promotedModels(models.data)}
        isBusy={submit.isPending}
        onSubmit={(request, count) => submit.mutate(() => submitBatch({ request, count, metadata: metadataOf(request) }))}
      />
      <FileDrop isBusy={submit.isPending} onSubmit={(file, invalidLines) => submit.mutate(() => submitBatchFile(file, invalidLines, { file: file.name.slice(-512) }))} />
      <div className="mt-4 flex flex-col gap-4">
        {models.error !== null && <ErrorNotice error={models.error} />}
        {submit.error !== null && (
          <ErrorNotice error={submit.error}>
            <InvalidLineList error={submit.error} />
          </ErrorNotice>
        )}
        {batch.error !== null && !isUnknown && <ErrorNotice error={batch.error} />}
        {current !== undefined && (
          <>
            <BatchProgress key={current.id} batch={current} onRetried={showNew} />
            <BatchErrors batch={current} />
            <MelodyGrid key={`melodies ${current.id}`} batch={current} />
          </>
        )}
        {(batchId === null || isUnknown) && (
          <EmptyState title="No batch yet">
            <p>Generate up to 100,000 melodies. They appear here as soon as they are finished, to play, sort and download as one zip.</p>
          </EmptyState>
        )}
      </div>
      <EarlierBatches currentId={current?.id ?? null} onShow={show} />
    </>
  );
}

/** The other lines of a file that the gateway names; the message of the error has the first one. */
function InvalidLineList({ error }: { error: unknown }) {
  if (!(error instanceof Problem) || error.lines.length < 2) return null;
  return (
    <ul className="mt-2 max-h-48 list-disc overflow-y-auto pl-5 text-soft">
      {error.lines.slice(1).map(({ line, custom_id, message }) => (
        <li key={line}>
          Line {line}
          {custom_id !== null && ` (${custom_id})`}: {message}
        </li>
      ))}
    </ul>
  );
}
