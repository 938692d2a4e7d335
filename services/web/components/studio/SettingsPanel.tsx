"use client";

import { Button } from "@/components/controls/Button";
import { Icon } from "@/components/controls/Icon";
import { InstrumentSelect } from "@/components/controls/InstrumentSelect";
import { Select } from "@/components/controls/Select";
import { Slider } from "@/components/controls/Slider";
import { effectiveSampling, MAX_SEED } from "@/lib/studio/settings";

import { ChordsField } from "./ChordsField";
import { GenerateButton } from "./GenerateButton";
import { PrimerField } from "./PrimerField";
import { ScaleConstraintSelect } from "./ScaleConstraintSelect";
import { SoundSelect } from "./SoundSelect";
import { TimeSignatureSelect } from "./TimeSignatureSelect";
import type { Studio } from "./useStudio";

export function SettingsPanel({ studio }: { studio: Studio }) {
  const { settings, updateSettings, model, versions } = studio;
  const sampling = effectiveSampling(settings.sampling, model?.capabilities.sampling);
  const updateSampling = (changes: Partial<typeof sampling>) => updateSettings({ sampling: { ...settings.sampling, ...changes } });
  return (
    <form
      aria-label="Generation settings"
      onSubmit={(event) => {
        event.preventDefault();
        studio.generate();
      }}
      className="flex flex-col gap-4 rounded-2xl border border-line bg-panel p-4"
    >
      <GenerateButton studio={studio} className="hidden lg:flex" />
      <Select label="Model" value={model?.version ?? ""} onChange={(version) => updateSettings({ model: version })}>
        {versions.map(({ version }) => (
          <option key={version}>{version}</option>
        ))}
      </Select>
      {model !== undefined && <p className="-mt-2 text-xs text-soft">{model.description}</p>}
      <Slider
        label={settings.primer === null ? "Length" : "Bars to add"}
        value={Math.min(settings.bars, model?.capabilities.max_bars ?? 64)}
        min={1}
        max={model?.capabilities.max_bars ?? 64}
        valueText={`${settings.bars} ${settings.bars === 1 ? "bar" : "bars"}`}
        onChange={(bars) => updateSettings({ bars })}
      />
      <TimeSignatureSelect studio={studio} />
      {(settings.primer?.clip.file?.tracks.length ?? 0) < 2 && <InstrumentSelect value={settings.instrument} onChange={(instrument) => updateSettings({ instrument })} />}
      <SoundSelect studio={studio} />
      <ScaleConstraintSelect studio={studio} />
      <ChordsField studio={studio} />
      <PrimerField studio={studio} />
      <details className="group" open>
        <summary className="text-sm text-soft">Sampling</summary>
        <div className="mt-3 flex flex-col gap-3">
          <Slider label="Temperature" value={sampling.temperature} min={0} max={2} step={0.05} valueText={sampling.temperature.toFixed(2)} onChange={(temperature) => updateSampling({ temperature })} />
          <Slider label="Top-p" value={sampling.top_p} min={0.05} max={1} step={0.05} valueText={sampling.top_p === 1 ? "all" : sampling.top_p.toFixed(2)} onChange={(top_p) => updateSampling({ top_p })} />
          <Slider label="Top-k" value={sampling.top_k} min={0} max={100} valueText={sampling.top_k === 0 ? "all" : String(sampling.top_k)} onChange={(top_k) => updateSampling({ top_k })} />
          <Slider label="Min-p" value={sampling.min_p} min={0} max={0.3} step={0.01} valueText={sampling.min_p.toFixed(2)} onChange={(min_p) => updateSampling({ min_p })} />
        </div>
      </details>
      <SeedField studio={studio} />
    </form>
  );
}

function SeedField({ studio: { settings, updateSettings, job } }: { studio: Studio }) {
  const lastSeed = job.data?.request.seed ?? null;
  return (
    <div>
      <label htmlFor="seed" className="mb-1 block text-sm text-soft">
        Seed
      </label>
      <div className="flex gap-2">
        <input
          id="seed"
          inputMode="numeric"
          pattern="[0-9]{1,16}"
          value={settings.seed ?? ""}
          placeholder="random"
          onChange={({ target }) => {
            const digits = target.value.replace(/\D/g, "").slice(0, 16);
            updateSettings({ seed: digits === "" ? null : Math.min(Number(digits), MAX_SEED) });
          }}
          className="h-10 min-w-0 flex-1 rounded-lg border border-edge bg-panel px-3 text-sm tabular-nums placeholder:text-soft"
        />
        {settings.seed === null ? (
          <Button disabled={lastSeed === null} onClick={() => updateSettings({ seed: lastSeed })} title="Keep the seed of this melody">
            <Icon name="lock" /> Keep
          </Button>
        ) : (
          <Button onClick={() => updateSettings({ seed: null })} title="Use a random seed for each generation">
            <Icon name="dice" /> Random
          </Button>
        )}
      </div>
    </div>
  );
}
