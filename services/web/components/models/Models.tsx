"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { Button } from "@/components/controls/Button";
import { Empty, Failure } from "@/components/controls/Notice";
import { pageOfMelodies, promote } from "@/lib/api/calls";
import { useAnew, useModels } from "@/lib/api/queries";
import type { ModelVersion } from "@/lib/api/wire";
import { type Leak, leakOf } from "@/lib/models/facts";
import { speedsOf } from "@/lib/models/speed";
import { leastOf } from "@/lib/models/surprise";

import { Card } from "./Card";

export function Models() {
  const { data, error, isPending } = useModels();
  const { data: latest } = useQuery({ queryKey: ["melodies", "latest"], queryFn: () => pageOfMelodies(null, false) });
  const speeds = useMemo(() => speedsOf(latest?.items ?? []), [latest]);
  const least = leastOf(data ?? []);
  return (
    <>
      <h1>Models</h1>
      <p className="mt-1 mb-6 max-w-3xl text-soft">
        Every version with what it learnt from and how good it is on music that it never saw. The number to compare is nats per
        note: how surprised a version is, on average, by the next note of a held-out piece. Less is better. A version that learnt
        from several sets of music has a number for each, and a bar is as long as the best version of the same music allows.
      </p>
      {error !== null && <Failure of={error} />}
      {isPending && <p className="text-soft">Looking the versions up ...</p>}
      {data?.length === 0 && (
        <Empty title="No version is here yet">
          <p>The trainer publishes what lies in the folder of checkpoints, and what the Train page makes.</p>
        </Empty>
      )}
      <Honesty leak={leakOf(data ?? [])} />
      <ul className="grid grid-cols-[minmax(0,1fr)] gap-4 xl:grid-cols-[repeat(2,minmax(0,1fr))]">
        {data?.map((model) => (
          <li key={`${model.version} ${model.sha256}`}>
            <Card model={model} least={least} speed={speeds.get(model.version) ?? null}>
              <Promotion model={model} />
            </Card>
          </li>
        ))}
      </ul>
    </>
  );
}

function Promotion({ model }: { model: ModelVersion }) {
  const promotion = useMutation({
    mutationFn: () => promote(model.version, model.sha256),
    onSuccess: useAnew("models"),
  });
  if (model.promoted_at !== null) {
    return <p className="text-sm text-good">Played since {new Date(model.promoted_at).toLocaleDateString()}</p>;
  }
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button kind="primary" disabled={promotion.isPending} onClick={() => promotion.mutate()}>
        Promote {model.version}
      </Button>
      <p className="text-sm text-soft">Waits: nobody hears these weights before they are promoted.</p>
      {promotion.error !== null && <Failure of={promotion.error} />}
    </div>
  );
}

function Honesty({ leak }: { leak: Leak | null }) {
  return (
    <details className="mb-6 max-w-3xl rounded-2xl border border-line bg-panel px-4 py-3 text-sm">
      <summary>How these numbers stay honest</summary>
      <p className="mt-2 text-soft">
        A loss looks splendid when the pieces it is measured on were also learnt from: systems that cut their validation windows
        out of their own training pieces measure memory. Here pieces are split by family before anything else, so that variants
        of one tune never lie on both sides; the held-out side is read for the number, and for
        when to stop: the weights that were best at the beginnings of its pieces are the ones that are kept, so that they look a
        trace better on them than they are. Copying is measured, too: the
        longest run of notes that a sample shares with any training piece, beside the same figure for held-out music.
      </p>
      {leak !== null && (
        <p className="mt-2 text-soft">
          How much such a loss hides was measured: the network of {leak.network}, taught under a split by windows, is surprised by{" "}
          <strong className="text-ink">{leak.leaky.toFixed(2)}</strong> nats a token on its own validation windows, and by{" "}
          <strong className="text-ink">{leak.heldOut.toFixed(2)}</strong> on pieces that it has never seen.
        </p>
      )}
    </details>
  );
}
