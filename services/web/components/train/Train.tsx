"use client";

import { useQuery } from "@tanstack/react-query";

import { EmptyState, ErrorNotice } from "@/components/controls/notices";
import { useMelodyPlayback } from "@/components/melody/useMelodyPlayback";
import { listTrainings } from "@/lib/api/endpoints";
import { useScopes } from "@/lib/api/permissions";
import { isTerminal } from "@/lib/api/types";

import { Datasets } from "./Datasets";
import { NewTrainingForm } from "./NewTrainingForm";
import { TrainingRow } from "./TrainingRow";

export function Train() {
  const scopes = useScopes();
  if (scopes === undefined || scopes.includes("train")) return <Trainings />;
  return (
    <EmptyState title="Your API key cannot train">
      <p>Ask the operator of the server for a key with the scope train.</p>
    </EmptyState>
  );
}

function Trainings() {
  const playback = useMelodyPlayback(); // shared, so that one sample plays at a time
  const { data, error } = useQuery({
    queryKey: ["trainings"],
    queryFn: listTrainings,
    refetchInterval: ({ state }) => (state.data?.some((training) => !isTerminal(training.state)) === true ? 2_000 : false),
  });
  return (
    <>
      <h1 className="mb-1">Train</h1>
      <p className="mb-5 text-soft">Train a model version on your own music. Workers serve it after you promote it.</p>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5 lg:grid-cols-[20rem_minmax(0,1fr)]">
        <div>
          <NewTrainingForm />
        </div>
        <div className="flex min-w-0 flex-col gap-6">
          <Datasets />
          <section aria-label="Trainings">
            <h2 className="mb-2">Trainings</h2>
            {error !== null && <ErrorNotice error={error} />}
            {data?.length === 0 && (
              <EmptyState title="No training yet">
                <p>Choose a recipe, a data set and a name. Training continues when you close the page.</p>
              </EmptyState>
            )}
            <ul className="grid grid-cols-[minmax(0,1fr)] gap-3">
              {data?.map((training) => (
                <li key={training.id}>
                  <TrainingRow training={training} playback={playback} />
                </li>
              ))}
            </ul>
          </section>
        </div>
      </div>
    </>
  );
}
