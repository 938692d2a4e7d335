"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { Button } from "@/components/controls/Button";
import { EmptyState, ErrorNotice } from "@/components/controls/notices";
import { listMelodies, promote, publish } from "@/lib/api/endpoints";
import { mayPromote, mayPublish, useScopes } from "@/lib/api/permissions";
import { useInvalidateQueries, useModels } from "@/lib/api/queries";
import type { ModelVersion } from "@/lib/api/types";
import { type DataLeakage, findDataLeakage } from "@/lib/models/dataLeakage";
import { generationSpeeds } from "@/lib/models/generationSpeed";
import { lowestNatsPerNote } from "@/lib/models/likelihood";

import { ModelCard } from "./ModelCard";

export function Models() {
  const { data, error, isPending } = useModels();
  const { data: latest } = useQuery({ queryKey: ["melodies", "latest"], queryFn: () => listMelodies(null, false) });
  const speeds = useMemo(() => generationSpeeds(latest?.items ?? []), [latest]);
  const lowest = lowestNatsPerNote(data ?? []);
  return (
    <>
      <h1>Models</h1>
      <p className="mt-1 mb-6 max-w-3xl text-soft">
        All model versions, with their training data and their quality on held-out pieces, which they were not trained on.
        Compare nats per note: the mean negative log-likelihood of a note of a held-out piece; lower is better. A version that
        was trained on several data sets has one value for each. A bar has full length for the best version on the same data.
      </p>
      {error !== null && <ErrorNotice error={error} />}
      {isPending && <p className="text-soft">Loading model versions ...</p>}
      {data?.length === 0 && (
        <EmptyState title="No model versions yet">
          <p>The trainer registers the versions in the checkpoints folder and those trained on the Train page.</p>
        </EmptyState>
      )}
      <EvaluationMethod leakage={findDataLeakage(data ?? [])} />
      <ul className="grid grid-cols-[minmax(0,1fr)] gap-4 xl:grid-cols-[repeat(2,minmax(0,1fr))]">
        {data?.map((model) => (
          <li key={`${model.version} ${model.sha256}`}>
            <ModelCard model={model} lowest={lowest} speed={speeds.get(model.version) ?? null}>
              <Promotion model={model} />
              <Publication model={model} />
            </ModelCard>
          </li>
        ))}
      </ul>
    </>
  );
}

function Promotion({ model }: { model: ModelVersion }) {
  const scopes = useScopes();
  const promotion = useMutation({
    mutationFn: () => promote(model.version, model.sha256),
    onSuccess: useInvalidateQueries("models"),
  });
  if (model.promoted_at !== null) {
    return (
      <>
        <p className="text-sm text-good">
          Promoted on {new Date(model.promoted_at).toLocaleDateString()}
          {model.is_default && "; the default"}
        </p>
        {model.promotion_detail != null && <p className="text-sm text-soft">{model.promotion_detail}</p>}
      </>
    );
  }
  if (model.promotion === "pending") {
    return (
      <p role="status" className="text-sm text-soft">
        The promotion is pending. {model.promotion_detail}
      </p>
    );
  }
  return (
    <div className="flex flex-wrap items-center gap-3">
      {mayPromote(model, scopes) && (
        <Button kind="primary" disabled={promotion.isPending} onClick={() => promotion.mutate()}>
          Promote {model.version}
        </Button>
      )}
      {model.promotion === "refused" ? (
        <ErrorNotice error={`The promotion was refused: ${model.promotion_detail}`} />
      ) : (
        <p className="text-sm text-soft">Not promoted: workers do not serve these weights.</p>
      )}
      {promotion.error !== null && <ErrorNotice error={promotion.error} />}
    </div>
  );
}

function Publication({ model }: { model: ModelVersion }) {
  const scopes = useScopes();
  const publication = useMutation({ mutationFn: () => publish(model.version), onSuccess: useInvalidateQueries("models") });
  if (model.owner == null) return null;
  return (
    <div className="mt-3 flex flex-wrap items-center gap-3">
      {mayPublish(model, scopes) && (
        <Button disabled={publication.isPending} onClick={() => publication.mutate()}>
          Publish {model.version}
        </Button>
      )}
      <p className="text-sm text-soft">Not published: only {model.owner} and admins can use this version.</p>
      {publication.error !== null && <ErrorNotice error={publication.error} />}
    </div>
  );
}

function EvaluationMethod({ leakage }: { leakage: DataLeakage | null }) {
  return (
    <details className="mb-6 max-w-3xl rounded-2xl border border-line bg-panel px-4 py-3 text-sm">
      <summary>How the versions are evaluated</summary>
      <p className="mt-2 text-soft">
        A validation loss is too low if validation windows are cut from pieces that are also trained on: it then measures
        memorization. Here pieces are split by groups of near-duplicates before anything else, so that variants of one tune are
        never on both sides. The held-out side is used for evaluation and for early stopping. The weights with the best
        validation on the openings of held-out pieces are kept, so the values are slightly optimistic. Training overlap is
        measured too: the longest passage that a sample shares with any training piece, next to the same measurement
        for held-out pieces.
      </p>
      {leakage !== null && (
        <p className="mt-2 text-soft">
          The effect of data leakage was measured: the network of {leakage.version}, trained with a split by windows, has a loss
          of <strong className="text-ink">{leakage.leakyNatsPerToken.toFixed(2)}</strong> nats per token on its validation
          windows and of <strong className="text-ink">{leakage.heldOutNatsPerToken.toFixed(2)}</strong> nats per token on
          held-out pieces.
        </p>
      )}
    </details>
  );
}
