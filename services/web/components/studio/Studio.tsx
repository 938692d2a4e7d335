"use client";

import { useCallback, useEffect, useMemo, useState } from "react";

import { Choice } from "@/components/controls/Choice";
import { Empty } from "@/components/controls/Notice";
import { Roll } from "@/components/roll/Roll";
import { useSilenceAfterwards } from "@/components/shell/player";
import { wholeOf } from "@/lib/audio/player";
import type { Piece } from "@/lib/music/piece";
import { KEYS, likelyScale, nameOf, type Scale, type ScaleName, SCALES } from "@/lib/music/scale";
import type { Range } from "@/lib/music/time";

import { Edit } from "./Edit";
import { Progress } from "./Progress";
import { Regenerate } from "./Regenerate";
import { SettingsPanel, Write } from "./SettingsPanel";
import { Transport } from "./Transport";
import { useMix } from "./useMix";
import { useShortcuts } from "./useShortcuts";
import { useStudio } from "./useStudio";

export function Studio() {
  const studio = useStudio();
  const { player, piece, written, isWriting, isPlaying, settings } = studio;
  const [selection, setSelection] = useState<Range | null>(null);
  const [audition, setAudition] = useState<Piece | null>(null);
  const [scale, setScale] = useState<Scale | "likely">("likely");
  const mix = useMix(player, settings, selection, piece?.bars ?? 0);
  useSilenceAfterwards();
  useShortcuts(studio, mix);

  useEffect(() => {
    const heard = audition ?? piece;
    if (heard !== null && !isWriting) player.load(wholeOf(heard));
  }, [player, audition, piece, isWriting]);

  const shown = audition ?? piece;
  const likely = useMemo(() => likelyScale(shown?.notes ?? []), [shown?.notes]);
  const position = useCallback(() => player.position, [player]);
  const seek = useCallback((tick: number) => player.seek(tick), [player]);
  const close = useCallback(() => setSelection(null), []);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-[20rem_minmax(0,1fr)]">
      <h1 className="sr-only">Studio</h1>
      <div className="order-2 lg:order-1">
        <SettingsPanel studio={studio} />
      </div>
      <div className="order-1 flex min-w-0 flex-col gap-3 lg:order-2">
        <Write studio={studio} className="flex lg:hidden" />
        <div className="min-h-6">
          <Progress studio={studio} />
        </div>
        {shown === null ? (
          <Empty title="Nothing is written yet">
            <p>Press Generate: the first bar plays while the next ones are being written.</p>
          </Empty>
        ) : (
          <Roll
            label="Piano roll"
            notes={shown.notes}
            bars={shown.bars}
            written={isWriting ? written : shown.bars}
            scale={scale === "likely" ? likely : scale}
            selection={selection}
            position={position}
            isPlaying={isPlaying}
            onSeek={seek}
            onSelect={setSelection}
            className="h-[46vh] min-h-72 lg:h-[58vh]"
          />
        )}
        <Transport studio={studio} mix={mix} />
        {selection !== null && !isWriting && (
          <Regenerate key={`${selection.from}-${selection.to}`} studio={studio} range={selection} onAudition={setAudition} onDone={close} />
        )}
        <Edit studio={studio} />
        <ScaleChoice scale={scale} likely={likely} onChange={setScale} />
        <p className="text-xs text-soft">
          Drag over the bar numbers to choose bars. Space plays, L loops, M mutes, K clicks; on the roll the arrows move, with
          Shift they choose bars, + and - zoom.
        </p>
      </div>
    </div>
  );
}

function ScaleChoice({ scale, likely, onChange }: { scale: Scale | "likely"; likely: Scale | null; onChange: (scale: Scale | "likely") => void }) {
  const shown = scale === "likely" ? likely : scale;
  return (
    <div className="grid max-w-md grid-cols-2 gap-3">
      <Choice
        label="Key on the roll"
        value={scale === "likely" ? "likely" : scale.key}
        onChange={(key) => onChange(key === "likely" ? "likely" : { key: Number(key), name: shown?.name ?? "major" })}
      >
        <option value="likely">{likely === null ? "the likeliest" : `the likeliest: ${nameOf(likely)}`}</option>
        {KEYS.map((name, key) => (
          <option key={name} value={key}>
            {name}
          </option>
        ))}
      </Choice>
      <Choice label="Scale" value={shown?.name ?? "major"} onChange={(name) => onChange({ key: shown?.key ?? 0, name: name as ScaleName })}>
        {Object.keys(SCALES).map((name) => (
          <option key={name}>{name}</option>
        ))}
      </Choice>
    </div>
  );
}
