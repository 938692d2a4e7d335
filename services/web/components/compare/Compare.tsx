"use client";

// The same wish to several versions: side by side to see, one after another to hear, blind to judge.
import { useMutation } from "@tanstack/react-query";
import { useCallback, useState } from "react";

import { Button } from "@/components/controls/Button";
import { Icon } from "@/components/controls/Icon";
import { Instrument } from "@/components/controls/Instrument";
import { Empty, Failure } from "@/components/controls/Notice";
import { Slider } from "@/components/controls/Slider";
import { useIsPlaying, usePlayer, useSilenceAfterwards } from "@/components/shell/player";
import { generate } from "@/lib/api/calls";
import { useModels } from "@/lib/api/queries";
import { playableOf } from "@/lib/api/wire";
import { drawSeed, requestOf, USUAL } from "@/lib/studio/settings";

import { Blind } from "./Blind";
import { Entry } from "./Entry";
import { useEntries } from "./useEntries";

export function Compare() {
  const models = useModels();
  const player = usePlayer();
  const isPlaying = useIsPlaying();
  const [wish, setWish] = useState({ bars: 8, tempo: 120, instrument: 0, temperature: 1 });
  const [left, setLeft] = useState<readonly string[]>([]);
  const { entries, begin, put, listenTo, heard, isBlind } = useEntries(player);
  useSilenceAfterwards();
  const playable = playableOf(models.data);
  const chosen = playable.filter(({ version }) => !left.includes(version));
  const most = Math.min(64, ...chosen.map(({ capabilities }) => capabilities.max_bars));
  const position = useCallback(() => player.position, [player]);
  const seek = useCallback((tick: number) => player.seek(tick), [player]);
  const set = (changes: Partial<typeof wish>) => setWish((was) => ({ ...was, ...changes }));

  const ask = useMutation({
    mutationFn: async () => {
      const seed = drawSeed();
      const sampling = { ...USUAL.sampling, temperature: wish.temperature };
      const settings = { ...USUAL, ...wish, bars: Math.min(wish.bars, most), sampling, seed };
      return Promise.all(
        chosen.map(async (model) => ({ model, job: await generate(requestOf(settings, model.version)) })),
      );
    },
    onSuccess: begin,
  });
  const compare = () => {
    player.open();
    player.pause();
    player.seek(0);
    ask.mutate();
  };
  return (
    <>
      <h1 className="mb-1">Compare</h1>
      <p className="mb-5 text-soft">The same seed and settings on several versions. Switch between them while they play; the place stays.</p>
      <section aria-label="What to write" className="mb-5 grid items-end gap-4 rounded-2xl border border-line bg-panel p-4 md:grid-cols-[2fr_1fr_1fr_1fr_auto]">
        <fieldset className="min-w-0">
          <legend className="mb-1 text-sm text-soft">Versions</legend>
          {/* On a phone one row, however many there are and before they are known: nothing below it jumps. */}
          <div className="flex min-h-10 gap-2 overflow-x-auto sm:flex-wrap">
            {playable.map(({ version }) => (
              <label key={version} className="flex min-h-10 shrink-0 items-center gap-2 rounded-lg border border-line px-3 text-sm">
                <input type="checkbox" checked={!left.includes(version)} onChange={({ target }) => setLeft(target.checked ? left.filter((each) => each !== version) : [...left, version])} />
                {version}
              </label>
            ))}
          </div>
        </fieldset>
        <Slider label="Length" value={Math.min(wish.bars, most)} min={1} max={most} shown={`${Math.min(wish.bars, most)} bars`} onChange={(bars) => set({ bars })} />
        <Slider label="Temperature" value={wish.temperature} min={0} max={2} step={0.05} shown={wish.temperature.toFixed(2)} onChange={(temperature) => set({ temperature })} />
        <Instrument value={wish.instrument} onChange={(instrument) => set({ instrument })} />
        <Button kind="primary" disabled={chosen.length === 0 || ask.isPending} onClick={compare}>
          Write with {chosen.length === 1 ? "one version" : `${chosen.length} versions`}
        </Button>
      </section>
      {models.error !== null && <Failure of={models.error} />}
      {ask.error !== null && <Failure of={ask.error} />}
      {entries.length === 0 ? (
        <Empty title="Nothing to compare yet">
          <p>Choose versions and write: their rolls lie under each other, and each has its numbers beside it.</p>
        </Empty>
      ) : (
        <>
          <div className="sticky top-14 z-[5] mb-3 flex items-center gap-3 bg-canvas py-2">
            <Button kind="primary" aria-label={isPlaying ? "Pause" : "Play"} onClick={() => (isPlaying ? player.pause() : player.play())}>
              <Icon name={isPlaying ? "pause" : "play"} /> {isPlaying ? "Pause" : "Play"}
            </Button>
            <p className="text-sm text-soft">{isBlind ? "You hear X" : heard !== null && `You hear ${heard.model.version}`}</p>
          </div>
          <ul className="grid grid-cols-[minmax(0,1fr)] gap-4">
            {entries.map((entry) => (
              <li key={entry.job.id}>
                <Entry entry={entry} isHeard={heard === entry && !isBlind} isPlaying={isPlaying} position={position} onSeek={seek} onHear={() => listenTo(entry)} onPart={put} />
              </li>
            ))}
          </ul>
          <Blind entries={entries} onHear={listenTo} />
        </>
      )}
    </>
  );
}
