"use client";

import { useCallback, useEffect, useMemo, useState } from "react";

import { EmptyState } from "@/components/controls/notices";
import { Select } from "@/components/controls/Select";
import { PianoRoll } from "@/components/roll/PianoRoll";
import { usePauseOnLeave } from "@/components/shell/usePlayer";
import { completeSource } from "@/lib/audio/player";
import { type Clip, lengthInTicks, otherTracks } from "@/lib/music/clip";
import { estimateScale, formatScale, KEYS, type Scale, type ScaleName, SCALES } from "@/lib/music/scale";
import type { Range } from "@/lib/music/time";

import { EditToolbar } from "./EditToolbar";
import { GenerateButton } from "./GenerateButton";
import { GenerationProgress } from "./GenerationProgress";
import { RegeneratePanel } from "./RegeneratePanel";
import { SettingsPanel } from "./SettingsPanel";
import { Transport } from "./Transport";
import { usePlaybackSettings } from "./usePlaybackSettings";
import { useShortcuts } from "./useShortcuts";
import { useStudio } from "./useStudio";

export function Studio() {
  const studio = useStudio();
  const { player, clip, generatedBars, isGenerating, isPlaying } = studio;
  const [selection, setSelection] = useState<Range | null>(null);
  const [preview, setPreview] = useState<Clip | null>(null);
  const [scale, setScale] = useState<Scale | "estimated">("estimated");
  const playback = usePlaybackSettings(player, selection, clip === null ? 0 : lengthInTicks(clip));
  usePauseOnLeave();
  useShortcuts(studio, playback);

  useEffect(() => {
    const source = preview ?? clip;
    if (source !== null && !isGenerating) player.load(completeSource(source));
  }, [player, preview, clip, isGenerating]);

  const shown = preview ?? clip;
  const others = useMemo(() => (shown === null ? [] : otherTracks(shown).flatMap(({ is_drum, notes }) => (is_drum ? [] : [notes]))), [shown]);
  const estimated = useMemo(() => estimateScale(shown?.notes ?? []), [shown?.notes]);
  const getPosition = useCallback(() => player.position, [player]);
  const seek = useCallback((tick: number) => player.seek(tick), [player]);
  const close = useCallback(() => setSelection(null), []);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-[20rem_minmax(0,1fr)]">
      <h1 className="sr-only">Studio</h1>
      <div className="order-2 lg:order-1">
        <SettingsPanel studio={studio} />
      </div>
      <div className="order-1 flex min-w-0 flex-col gap-3 lg:order-2">
        <GenerateButton studio={studio} className="flex lg:hidden" />
        <div className="min-h-6">
          <GenerationProgress studio={studio} />
        </div>
        {shown === null ? (
          <EmptyState title="No melody yet">
            <p>Press Generate. The first bar plays while the next ones are being generated.</p>
          </EmptyState>
        ) : (
          <PianoRoll
            label="Piano roll"
            notes={shown.notes}
            others={others}
            bars={shown.bars}
            generatedBars={isGenerating ? generatedBars : shown.bars.length}
            scale={scale === "estimated" ? estimated : scale}
            selection={selection}
            getPosition={getPosition}
            isPlaying={isPlaying}
            onSeek={seek}
            onSelect={setSelection}
            className="h-[46vh] min-h-72 lg:h-[58vh]"
          />
        )}
        <Transport studio={studio} playback={playback} />
        {selection !== null && !isGenerating && (
          <RegeneratePanel key={`${selection.from}-${selection.to}`} studio={studio} range={selection} onPreview={setPreview} onDone={close} />
        )}
        <EditToolbar studio={studio} />
        <ScaleSelect scale={scale} estimated={estimated} onChange={setScale} />
        <p className="text-xs text-soft">
          Drag across the bar numbers to select bars. Keys: Space plays, L loops, M mutes, K toggles the metronome. On the piano
          roll, the arrow keys seek, Shift with an arrow key selects bars, + and - zoom.
        </p>
      </div>
    </div>
  );
}

function ScaleSelect({ scale, estimated, onChange }: { scale: Scale | "estimated"; estimated: Scale | null; onChange: (scale: Scale | "estimated") => void }) {
  const shown = scale === "estimated" ? estimated : scale;
  return (
    <div className="grid max-w-md grid-cols-2 gap-3">
      <Select
        label="Key on the roll"
        value={scale === "estimated" ? "estimated" : scale.key}
        onChange={(key) => onChange(key === "estimated" ? "estimated" : { key: Number(key), name: shown?.name ?? "major" })}
      >
        <option value="estimated">{estimated === null ? "estimated" : `estimated: ${formatScale(estimated)}`}</option>
        {KEYS.map((name, key) => (
          <option key={name} value={key}>
            {name}
          </option>
        ))}
      </Select>
      <Select label="Scale on the roll" value={shown?.name ?? "major"} onChange={(name) => onChange({ key: shown?.key ?? 0, name: name as ScaleName })}>
        {Object.keys(SCALES).map((name) => (
          <option key={name}>{name}</option>
        ))}
      </Select>
    </div>
  );
}
