"use client";

import { useState } from "react";

import { Button } from "@/components/controls/Button";
import { Choice } from "@/components/controls/Choice";
import { Instrument } from "@/components/controls/Instrument";
import type { GenerationRequest, ModelVersion } from "@/lib/api/wire";
import { MAX_SEED, requestOf, USUAL } from "@/lib/studio/settings";

const MOST = 10_000;

interface Props {
  models: readonly ModelVersion[];
  isBusy: boolean;
  onOrder: (request: GenerationRequest) => void;
}

export function Order({ models, isBusy, onOrder }: Props) {
  const [asked, setAsked] = useState({ model: "", count: 100, bars: 8, tempo: 120, instrument: 0, temperature: 1, seed: null as number | null });
  const model = models.find(({ version }) => version === asked.model) ?? models[0];
  const set = (changes: Partial<typeof asked>) => setAsked((was) => ({ ...was, ...changes }));
  const order = () => {
    if (model === undefined) return;
    const { count, temperature, ...rest } = asked;
    const sampling = { ...USUAL.sampling, temperature };
    onOrder({ ...requestOf({ ...USUAL, ...rest, sampling }, model.version), count });
  };
  return (
    <form
      aria-label="What to write"
      onSubmit={(event) => {
        event.preventDefault();
        order();
      }}
      className="grid grid-cols-2 items-end gap-3 rounded-2xl border border-line bg-panel p-4 md:grid-cols-4 xl:grid-cols-8"
    >
      <Whole label="Melodies" value={asked.count} min={1} max={MOST} onChange={(count) => set({ count })} />
      <Choice label="Model" value={model?.version ?? ""} onChange={(version) => set({ model: version })}>
        {models.map(({ version }) => (
          <option key={version}>{version}</option>
        ))}
      </Choice>
      <Whole label="Bars each" value={asked.bars} min={1} max={model?.capabilities.max_bars ?? 64} onChange={(bars) => set({ bars })} />
      <Instrument value={asked.instrument} onChange={(instrument) => set({ instrument })} />
      <Whole label="Tempo" value={asked.tempo} min={20} max={300} onChange={(tempo) => set({ tempo })} />
      <Whole label="Temperature" value={asked.temperature} min={0} max={2} step={0.05} onChange={(temperature) => set({ temperature })} />
      <Whole label="First seed" value={asked.seed} min={0} max={MAX_SEED} onChange={(seed) => set({ seed: Number.isNaN(seed) ? null : seed })} />
      <Button type="submit" kind="primary" disabled={isBusy || model === undefined}>
        Write them
      </Button>
    </form>
  );
}

interface WholeProps {
  label: string;
  value: number | null;
  min: number;
  max: number;
  step?: number;
  onChange: (value: number) => void;
}

function Whole({ label, value, onChange, ...limits }: WholeProps) {
  return (
    <label className="block text-sm">
      <span className="mb-1 block text-soft">{label}</span>
      <input
        type="number"
        required={value !== null}
        value={value === null || Number.isNaN(value) ? "" : value}
        placeholder="any"
        onChange={({ target }) => onChange(target.valueAsNumber)}
        className="h-10 w-full rounded-lg border border-edge bg-panel px-3 tabular-nums placeholder:text-soft"
        {...limits}
      />
    </label>
  );
}
