"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "@/components/controls/Button";
import { Choice } from "@/components/controls/Choice";
import { Failure } from "@/components/controls/Notice";
import { listRecipes, train } from "@/lib/api/calls";
import { useAnew } from "@/lib/api/queries";

import { useDatasets } from "./Datasets";

export function Begin() {
  const book = useQuery({ queryKey: ["recipes"], queryFn: listRecipes, staleTime: Infinity });
  const datasets = useDatasets();
  const [asked, setAsked] = useState({ recipe: "mini", dataset: "", version: "", minutes: 10 });
  const set = (changes: Partial<typeof asked>) => setAsked((was) => ({ ...was, ...changes }));
  const begin = useMutation({
    mutationFn: () =>
      train({
        recipe: asked.recipe,
        version: asked.version,
        dataset: asked.dataset === "" ? null : asked.dataset,
        overrides: { minutes: asked.minutes },
      }),
    onSuccess: useAnew("trainings"),
  });
  const ready = datasets.data?.filter(({ state }) => state === "ready") ?? [];
  return (
    <form
      aria-label="Begin a training"
      onSubmit={(event) => {
        event.preventDefault();
        begin.mutate();
      }}
      className="flex flex-col gap-3 rounded-2xl border border-line bg-panel p-4"
    >
      <h2>Begin a training</h2>
      <Choice label="Recipe" value={asked.recipe} onChange={(recipe) => set({ recipe })}>
        {(book.data?.recipes ?? [asked.recipe]).map((recipe) => (
          <option key={recipe}>{recipe}</option>
        ))}
      </Choice>
      <Choice label="Music" value={asked.dataset} onChange={(dataset) => set({ dataset })}>
        <option value="">the recipe&apos;s own</option>
        <optgroup label="Yours">
          {ready.map(({ id, name }) => (
            <option key={id} value={id}>{name}</option>
          ))}
        </optgroup>
        <optgroup label="Named sets, where this machine has them">
          {book.data?.datasets.map((name) => <option key={name}>{name}</option>)}
        </optgroup>
      </Choice>
      <label className="text-sm">
        <span className="mb-1 block text-soft">Name of the new version</span>
        <input required pattern="[a-z0-9][a-z0-9.\-]{0,63}" title="Small letters, digits, dots and hyphens" value={asked.version} onChange={({ target }) => set({ version: target.value })} placeholder="my-tunes" className="h-10 w-full rounded-lg border border-edge bg-panel px-3 placeholder:text-soft" />
      </label>
      <label className="text-sm">
        <span className="mb-1 block text-soft">Minutes</span>
        <input type="number" required min={0.1} max={10080} step="any" value={Number.isNaN(asked.minutes) ? "" : asked.minutes} onChange={({ target }) => set({ minutes: target.valueAsNumber })} className="h-10 w-full rounded-lg border border-edge bg-panel px-3" />
      </label>
      <Button type="submit" kind="primary" disabled={begin.isPending}>Train</Button>
      {[begin.error, book.error].map((problem, i) => problem !== null && <Failure key={i} of={problem} />)}
    </form>
  );
}
