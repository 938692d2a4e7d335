"use client";

import { useState } from "react";

import { Button } from "@/components/controls/Button";
import { InstrumentSelect } from "@/components/controls/InstrumentSelect";
import { Select } from "@/components/controls/Select";
import type { GenerationRequest, ModelVersion } from "@/lib/api/types";
import { buildRequest, DEFAULT_SETTINGS, MAX_SEED } from "@/lib/studio/settings";

const MAX_MELODIES = 100_000;

interface Props {
  models: readonly ModelVersion[];
  isBusy: boolean;
  /** Called with the request for each melody, whose seeds are consecutive, and the number of melodies. */
  onSubmit: (request: GenerationRequest, count: number) => void;
}

export function BatchForm({ models, isBusy, onSubmit }: Props) {
  const [values, setValues] = useState({ model: "", count: 100, bars: 8, tempo: 120, instrument: 0, temperature: null as number | null, seed: null as number | null });
  const model = models.find(({ version }) => version === values.model) ?? models[0];
  const update = (changes: Partial<typeof values>) => setValues((previous) => ({ ...previous, ...changes }));
  const submit = () => {
    if (model === undefined) return;
    const { count, temperature, ...rest } = values;
    const sampling = temperature === null ? {} : { temperature };
    onSubmit(buildRequest({ ...DEFAULT_SETTINGS, ...rest, sampling }, model.version), count);
  };
  return (
    <form
      aria-label="Generation settings"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      className="grid grid-cols-2 items-end gap-3 rounded-2xl border border-line bg-panel p-4 md:grid-cols-4 xl:grid-cols-8"
    >
      <NumberField label="Melodies" value={values.count} min={1} max={MAX_MELODIES} onChange={(count) => update({ count })} />
      <Select label="Model" value={model?.version ?? ""} onChange={(version) => update({ model: version })}>
        {models.map(({ version }) => (
          <option key={version}>{version}</option>
        ))}
      </Select>
      <NumberField label="Bars" value={values.bars} min={1} max={model?.capabilities.max_bars ?? 64} onChange={(bars) => update({ bars })} />
      <InstrumentSelect value={values.instrument} onChange={(instrument) => update({ instrument })} />
      <NumberField label="Tempo" value={values.tempo} min={20} max={300} onChange={(tempo) => update({ tempo })} />
      <NumberField label="Temperature" value={values.temperature ?? model?.capabilities.sampling.temperature ?? 1} min={0} max={2} step={0.05} onChange={(temperature) => update({ temperature })} />
      <NumberField label="First seed" value={values.seed} min={0} max={MAX_SEED} onChange={(seed) => update({ seed: Number.isNaN(seed) ? null : seed })} />
      <Button type="submit" kind="primary" disabled={isBusy || model === undefined}>
        Generate
      </Button>
    </form>
  );
}

interface NumberFieldProps {
  label: string;
  value: number | null;
  min: number;
  max: number;
  step?: number;
  onChange: (value: number) => void;
}

function NumberField({ label, value, onChange, ...limits }: NumberFieldProps) {
  return (
    <label className="block text-sm">
      <span className="mb-1 block text-soft">{label}</span>
      <input
        type="number"
        required={value !== null}
        value={value === null || Number.isNaN(value) ? "" : value}
        placeholder="random"
        onChange={({ target }) => onChange(target.valueAsNumber)}
        className="h-10 w-full rounded-lg border border-edge bg-panel px-3 tabular-nums placeholder:text-soft"
        {...limits}
      />
    </label>
  );
}
