"use client";

import { type DragEvent, useRef, useState } from "react";

import { Button } from "@/components/controls/Button";
import { Choice } from "@/components/controls/Choice";
import { Icon } from "@/components/controls/Icon";
import { Instrument } from "@/components/controls/Instrument";
import { Slider } from "@/components/controls/Slider";
import { postPrimer } from "@/lib/api/calls";
import { MAX_SEED } from "@/lib/studio/settings";

import { Chords } from "./Chords";
import { SoundChoice } from "./SoundChoice";
import { StayIn } from "./StayIn";
import type { Studio } from "./useStudio";

export function SettingsPanel({ studio }: { studio: Studio }) {
  const { settings, set, model, playable } = studio;
  const { sampling } = settings;
  return (
    <form
      aria-label="What to write"
      onSubmit={(event) => {
        event.preventDefault();
        studio.write();
      }}
      className="flex flex-col gap-4 rounded-2xl border border-line bg-panel p-4"
    >
      <Write studio={studio} className="hidden lg:flex" />
      <Choice label="Model" value={model?.version ?? ""} onChange={(version) => set({ model: version })}>
        {playable.map(({ version }) => (
          <option key={version}>{version}</option>
        ))}
      </Choice>
      {model !== undefined && <p className="-mt-2 text-xs text-soft">{model.description}</p>}
      <Slider
        label={settings.theme === null ? "Length" : "Bars to add"}
        value={Math.min(settings.bars, model?.capabilities.max_bars ?? 64)}
        min={1}
        max={model?.capabilities.max_bars ?? 64}
        shown={`${settings.bars} ${settings.bars === 1 ? "bar" : "bars"}`}
        onChange={(bars) => set({ bars })}
      />
      <Instrument value={settings.instrument} onChange={(instrument) => set({ instrument })} />
      <SoundChoice studio={studio} />
      <StayIn studio={studio} />
      <Chords studio={studio} />
      <Theme studio={studio} />
      <details className="group" open>
        <summary className="text-sm text-soft">How daring</summary>
        <div className="mt-3 flex flex-col gap-3">
          <Slider label="Temperature" value={sampling.temperature} min={0} max={2} step={0.05} shown={sampling.temperature.toFixed(2)} onChange={(temperature) => set({ sampling: { ...sampling, temperature } })} />
          <Slider label="Top-p" value={sampling.top_p} min={0.05} max={1} step={0.05} shown={sampling.top_p === 1 ? "all" : sampling.top_p.toFixed(2)} onChange={(top_p) => set({ sampling: { ...sampling, top_p } })} />
          <Slider label="Top-k" value={sampling.top_k} min={0} max={100} shown={sampling.top_k === 0 ? "all" : String(sampling.top_k)} onChange={(top_k) => set({ sampling: { ...sampling, top_k } })} />
          <Slider label="Min-p" value={sampling.min_p} min={0} max={0.3} step={0.01} shown={sampling.min_p.toFixed(2)} onChange={(min_p) => set({ sampling: { ...sampling, min_p } })} />
        </div>
      </details>
      <Seed studio={studio} />
    </form>
  );
}

/** The button that everything begins with: above the roll on a phone, else above the settings. */
export function Write({ studio, className }: { studio: Studio; className: string }) {
  const { model, isWriting } = studio;
  return (
    <div className={`gap-2 ${className}`}>
      <Button kind="primary" disabled={model === undefined} onClick={studio.write} className="min-h-12 flex-1 text-base">
        {isWriting ? "Write another" : "Generate"}
      </Button>
      {isWriting && (
        <Button className="min-h-12" onClick={() => void studio.stop()}>
          Stop
        </Button>
      )}
    </div>
  );
}

function Seed({ studio: { settings, set, job } }: { studio: Studio }) {
  const used = job.data?.request.seed ?? null;
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
          placeholder="another each time"
          onChange={({ target }) => {
            const digits = target.value.replace(/\D/g, "").slice(0, 16);
            set({ seed: digits === "" ? null : Math.min(Number(digits), MAX_SEED) });
          }}
          className="h-10 min-w-0 flex-1 rounded-lg border border-edge bg-panel px-3 text-sm tabular-nums placeholder:text-soft"
        />
        {settings.seed === null ? (
          <Button disabled={used === null} onClick={() => set({ seed: used })} title="Keep the seed of this piece">
            <Icon name="lock" /> Keep
          </Button>
        ) : (
          <Button onClick={() => set({ seed: null })} title="Draw another seed each time">
            <Icon name="dice" /> Free
          </Button>
        )}
      </div>
    </div>
  );
}

function Theme({ studio: { settings, set, model, attempt } }: { studio: Studio }) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);
  const { theme } = settings;
  const isAble = model?.capabilities.primer === true;
  if (!isAble && theme === null) return null;
  const take = (file: File | undefined) =>
    file !== undefined &&
    void attempt(async () => {
      const { id, bars } = await postPrimer(file);
      set({ theme: { primerId: id, name: file.name, bars } });
    });
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    take(event.dataTransfer.files[0]);
  };
  if (theme !== null) {
    return (
      <div>
        <div className="flex items-center gap-2 rounded-lg border border-line bg-raised py-1 pr-1 pl-3 text-sm">
          <span className="min-w-0 flex-1 truncate">
            Goes on from <strong className="font-medium">{theme.name}</strong>, {theme.bars} bars
          </span>
          <Button kind="quiet" aria-label={`Do not go on from ${theme.name}`} onClick={() => set({ theme: null })}>
            <Icon name="close" />
          </Button>
        </div>
        {!isAble && <p className="mt-1 text-xs text-bad">{model?.version ?? "This model"} cannot go on from a MIDI file.</p>}
      </div>
    );
  }
  return (
    <div>
      <input ref={input} type="file" accept=".mid,.midi,audio/midi" aria-label="MIDI file to go on from" className="sr-only" tabIndex={-1} onChange={({ target }) => take(target.files?.[0])} />
      <button
        type="button"
        onClick={() => input.current?.click()}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={drop}
        className={`w-full rounded-lg border border-dashed px-3 py-3 text-sm text-soft hover:text-ink ${isOver ? "border-accent" : "border-edge"}`}
      >
        Drop a MIDI file to go on from, or choose one
      </button>
    </div>
  );
}
