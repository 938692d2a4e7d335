"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "@/components/controls/Button";
import { ErrorNotice } from "@/components/controls/notices";
import { Select } from "@/components/controls/Select";
import { createTraining, listRecipes } from "@/lib/api/endpoints";
import { useInvalidateQueries } from "@/lib/api/queries";

import { useDatasets } from "./Datasets";

export function NewTrainingForm() {
  const options = useQuery({ queryKey: ["recipes"], queryFn: listRecipes, staleTime: Infinity });
  const datasets = useDatasets();
  const [values, setValues] = useState({ recipe: "mini", dataset: "", version: "", minutes: 10 });
  const update = (changes: Partial<typeof values>) => setValues((previous) => ({ ...previous, ...changes }));
  const submission = useMutation({
    mutationFn: () =>
      createTraining({
        recipe: values.recipe,
        version: values.version,
        dataset: values.dataset === "" ? null : values.dataset,
        overrides: { minutes: values.minutes },
      }),
    onSuccess: useInvalidateQueries("trainings"),
  });
  const ready = datasets.data?.filter(({ state }) => state === "ready") ?? [];
  return (
    <form
      aria-label="New training"
      onSubmit={(event) => {
        event.preventDefault();
        submission.mutate();
      }}
      className="flex flex-col gap-3 rounded-2xl border border-line bg-panel p-4"
    >
      <h2>New training</h2>
      <Select label="Recipe" value={values.recipe} onChange={(recipe) => update({ recipe })}>
        {(options.data?.recipes ?? [values.recipe]).map((recipe) => (
          <option key={recipe}>{recipe}</option>
        ))}
      </Select>
      <Select label="Data set" value={values.dataset} onChange={(dataset) => update({ dataset })}>
        <option value="">default of the recipe</option>
        <optgroup label="Uploaded">
          {ready.map(({ id, name }) => (
            <option key={id} value={id}>{name}</option>
          ))}
        </optgroup>
        <optgroup label="Named, if installed on the server">
          {options.data?.datasets.map((name) => <option key={name}>{name}</option>)}
        </optgroup>
      </Select>
      <label className="text-sm">
        <span className="mb-1 block text-soft">Name of the new version</span>
        <input required pattern="[a-z0-9][a-z0-9.\-]{0,63}" title="Lower-case letters, digits, dots and hyphens" value={values.version} onChange={({ target }) => update({ version: target.value })} placeholder="my-tunes" className="h-10 w-full rounded-lg border border-edge bg-panel px-3 placeholder:text-soft" />
      </label>
      <label className="text-sm">
        <span className="mb-1 block text-soft">Minutes</span>
        <input type="number" required min={0.1} max={10080} step="any" value={Number.isNaN(values.minutes) ? "" : values.minutes} onChange={({ target }) => update({ minutes: target.valueAsNumber })} className="h-10 w-full rounded-lg border border-edge bg-panel px-3" />
      </label>
      <Button type="submit" kind="primary" disabled={submission.isPending}>Start training</Button>
      {[submission.error, options.error].map((problem, i) => problem !== null && <ErrorNotice key={i} error={problem} />)}
    </form>
  );
}
