"use client";

// Generates with several versions from the same seed and settings, and compares them.
import { useMutation } from "@tanstack/react-query";
import { useCallback, useState } from "react";

import { Button } from "@/components/controls/Button";
import { Icon } from "@/components/controls/Icon";
import { InstrumentSelect } from "@/components/controls/InstrumentSelect";
import { EmptyState, ErrorNotice } from "@/components/controls/notices";
import { Slider } from "@/components/controls/Slider";
import { useIsPlaying, usePauseOnLeave, usePlayer } from "@/components/shell/usePlayer";
import { generate } from "@/lib/api/endpoints";
import { useModels } from "@/lib/api/queries";
import { promotedModels } from "@/lib/api/types";
import { buildRequest, DEFAULT_SETTINGS, randomSeed } from "@/lib/studio/settings";

import { BlindTest } from "./BlindTest";
import { CompareRow } from "./CompareRow";
import { useCompareEntries } from "./useCompareEntries";

export function Compare() {
  const models = useModels();
  const player = usePlayer();
  const isPlaying = useIsPlaying();
  const [values, setValues] = useState({ bars: 8, tempo: 120, instrument: 0, temperature: null as number | null });
  const [excluded, setExcluded] = useState<readonly string[]>([]);
  const { entries, show, setMelody, play, selected, isBlind } = useCompareEntries(player);
  usePauseOnLeave();
  const versions = promotedModels(models.data);
  const selectedVersions = versions.filter(({ version }) => !excluded.includes(version));
  const maxBars = Math.min(64, ...selectedVersions.map(({ capabilities }) => capabilities.max_bars));
  const getPosition = useCallback(() => player.position, [player]);
  const seek = useCallback((tick: number) => player.seek(tick), [player]);
  const update = (changes: Partial<typeof values>) => setValues((previous) => ({ ...previous, ...changes }));

  const submit = useMutation({
    mutationFn: async () => {
      const seed = randomSeed();
      const sampling = values.temperature === null ? {} : { temperature: values.temperature };
      const settings = { ...DEFAULT_SETTINGS, ...values, bars: Math.min(values.bars, maxBars), sampling, seed };
      return Promise.all(
        selectedVersions.map(async (model) => ({ model, job: await generate(buildRequest(settings, model.version)) })),
      );
    },
    onSuccess: show,
  });
  const compare = () => {
    player.ensureContext();
    player.pause();
    player.seek(0);
    submit.mutate();
  };
  return (
    <>
      <h1 className="mb-1">Compare</h1>
      <p className="mb-5 text-soft">Generate with several versions from the same seed and settings. Switch between them during playback; the position stays.</p>
      <section aria-label="Generation settings" className="mb-5 grid items-end gap-4 rounded-2xl border border-line bg-panel p-4 md:grid-cols-[2fr_1fr_1fr_1fr_auto]">
        <fieldset className="min-w-0">
          <legend className="mb-1 text-sm text-soft">Versions</legend>
          {/* One row on a phone, also before the versions are loaded, so that the layout does not shift. */}
          <div className="flex min-h-10 gap-2 overflow-x-auto sm:flex-wrap">
            {versions.map(({ version }) => (
              <label key={version} className="flex min-h-10 shrink-0 items-center gap-2 rounded-lg border border-line px-3 text-sm">
                <input type="checkbox" checked={!excluded.includes(version)} onChange={({ target }) => setExcluded(target.checked ? excluded.filter((other) => other !== version) : [...excluded, version])} />
                {version}
              </label>
            ))}
          </div>
        </fieldset>
        <Slider label="Length" value={Math.min(values.bars, maxBars)} min={1} max={maxBars} valueText={`${Math.min(values.bars, maxBars)} bars`} onChange={(bars) => update({ bars })} />
        <Slider label="Temperature" value={values.temperature ?? 1} min={0} max={2} step={0.05} valueText={values.temperature?.toFixed(2) ?? "of each version"} onChange={(temperature) => update({ temperature })} />
        <InstrumentSelect value={values.instrument} onChange={(instrument) => update({ instrument })} />
        <Button kind="primary" disabled={selectedVersions.length === 0 || submit.isPending} onClick={compare}>
          Generate with {selectedVersions.length === 1 ? "1 version" : `${selectedVersions.length} versions`}
        </Button>
      </section>
      {models.error !== null && <ErrorNotice error={models.error} />}
      {submit.error !== null && <ErrorNotice error={submit.error} />}
      {entries.length === 0 ? (
        <EmptyState title="Nothing to compare yet">
          <p>Choose versions and press Generate. Their piano rolls and statistics appear here.</p>
        </EmptyState>
      ) : (
        <>
          <div className="sticky top-14 z-[5] mb-3 flex items-center gap-3 bg-canvas py-2">
            <Button kind="primary" aria-label={isPlaying ? "Pause" : "Play"} onClick={() => (isPlaying ? player.pause() : player.play())}>
              <Icon name={isPlaying ? "pause" : "play"} /> {isPlaying ? "Pause" : "Play"}
            </Button>
            <p className="text-sm text-soft">{isBlind ? "Selected: X" : selected !== null && `Selected: ${selected.model.version}`}</p>
          </div>
          <ul className="grid grid-cols-[minmax(0,1fr)] gap-4">
            {entries.map((entry) => (
              <li key={entry.job.id}>
                <CompareRow entry={entry} isSelected={selected === entry && !isBlind} isPlaying={isPlaying} getPosition={getPosition} onSeek={seek} onPlay={() => play(entry)} onMelody={setMelody} />
              </li>
            ))}
          </ul>
          <BlindTest entries={entries} onPlay={play} />
        </>
      )}
    </>
  );
}
