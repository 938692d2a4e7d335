"use client";

import { useQuery } from "@tanstack/react-query";

import { Empty, Failure } from "@/components/controls/Notice";
import { useListening } from "@/components/melody/useListening";
import { listTrainings } from "@/lib/api/calls";
import { hasEnded } from "@/lib/api/wire";

import { Begin } from "./Begin";
import { Datasets } from "./Datasets";
import { Run } from "./Run";

export function Train() {
  const listening = useListening(); // one sample is heard at a time, of whatever training
  const { data, error } = useQuery({
    queryKey: ["trainings"],
    queryFn: listTrainings,
    refetchInterval: ({ state }) => (state.data?.some((each) => !hasEnded(each.state)) === true ? 2_000 : false),
  });
  return (
    <>
      <h1 className="mb-1">Train</h1>
      <p className="mb-5 text-soft">A version of your own, learnt from your music. Nobody hears it before you promote it.</p>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5 lg:grid-cols-[20rem_minmax(0,1fr)]">
        <div>
          <Begin />
        </div>
        <div className="flex min-w-0 flex-col gap-6">
          <Datasets />
          <section aria-label="Trainings">
            <h2 className="mb-2">Trainings</h2>
            {error !== null && <Failure of={error} />}
            {data?.length === 0 && (
              <Empty title="No training yet">
                <p>Choose a recipe, music and a name. The curve is drawn while it learns, and a closed browser stops nothing.</p>
              </Empty>
            )}
            <ul className="grid grid-cols-[minmax(0,1fr)] gap-3">
              {data?.map((training) => (
                <li key={training.id}>
                  <Run training={training} listening={listening} />
                </li>
              ))}
            </ul>
          </section>
        </div>
      </div>
    </>
  );
}
