"use client";

// Regenerates the selected bars: generates variations to play, and keeps one.
import { useQueries } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { Button } from "@/components/controls/Button";
import { ErrorNotice } from "@/components/controls/notices";
import { getMelody } from "@/lib/api/endpoints";
import { useJob, useJobStream } from "@/lib/api/queries";
import { isTerminal, type ModelVersion } from "@/lib/api/types";
import { completeSource } from "@/lib/audio/player";
import { unknownMetres } from "@/lib/models/metres";
import { barAt, barsIn } from "@/lib/music/bars";
import { type Clip, clipOf, replaceRange, withSound } from "@/lib/music/clip";
import { melodyAt } from "@/lib/music/jobNotes";
import type { Range } from "@/lib/music/time";
import { placeVariation, regenerate, type Regeneration, regenerationMethod } from "@/lib/studio/regenerate";

import type { Studio } from "./useStudio";

const NUM_VARIATIONS = 3;

interface Props {
  studio: Studio;
  range: Range;
  /** Shows a variation instead of the clip; null shows the clip. */
  onPreview: (clip: Clip | null) => void;
  onDone: () => void;
}

export function RegeneratePanel({ studio, range, onPreview, onDone }: Props) {
  const { clip, model, versions, settings, player } = studio;
  const [regeneration, setRegeneration] = useState<Regeneration | null>(null);
  const [selected, setSelected] = useState<number | null>(null);
  const { jobNotes, error: streamError } = useJobStream(regeneration?.job.id ?? null);
  const job = useJob(regeneration?.job.id ?? null);
  const error = streamError ?? job.data?.error?.detail ?? null;
  const isGenerating = regeneration !== null && !isTerminal(jobNotes.state) && streamError === null;
  const variations = Array.from({ length: NUM_VARIATIONS }, (_, index) => melodyAt(jobNotes, index));
  const files = useQueries({
    queries: variations.map(({ id }) => ({ queryKey: ["melody", id], queryFn: () => getMelody(id ?? ""), enabled: id !== null && regeneration?.method === "infill", staleTime: Infinity })),
  });
  useEffect(() => () => onPreview(null), [onPreview]);
  if (clip === null || model === undefined) return null;

  const method = regenerationMethod(model, clip, range);
  const capableVersions = versions.filter((other) => regenerationMethod(other, clip, range) !== null).map(({ version }) => version);
  const first = barAt(clip.bars, range.from) + 1;
  const count = barsIn(clip.bars, range).length;
  const variation = (index: number): Clip | null => {
    const melody = variations[index];
    if (regeneration === null || melody === undefined || melody.id === null || melody.isPartial) return null;
    if (regeneration.method === "continue") return replaceRange(clip, regeneration.range, placeVariation(regeneration, melody.notes));
    const file = files[index]?.data;
    return file === undefined ? null : withSound(clipOf(file), clip);
  };
  const start = () => {
    setSelected(null);
    onPreview(null);
    player.ensureContext();
    void studio.runAction(async () => setRegeneration(await regenerate(clip, range, settings, model, NUM_VARIATIONS)));
  };
  const preview = (index: number | null) => {
    setSelected(index);
    const shown = index === null ? null : variation(index);
    onPreview(shown);
    player.load(completeSource(shown ?? clip)); // now, because the next render is too late for playback
    player.seek(range.from);
    player.play();
  };
  const keep = () => {
    const kept = selected === null ? null : variation(selected);
    if (kept !== null) studio.edit(kept);
    onDone();
  };
  return (
    <section aria-label="Selected bars" className="flex flex-wrap items-center gap-2 rounded-2xl border border-line bg-panel px-3 py-2 text-sm">
      <p className="mr-2">
        {count === 1 ? `Bar ${first}` : `Bars ${first} to ${first + count - 1}`}
        <span className="text-soft">; the others are locked</span>
      </p>
      <Button kind={regeneration === null ? "primary" : "plain"} disabled={isGenerating || method === null} onClick={start}>
        {isGenerating ? "Generating ..." : regeneration === null ? "Regenerate" : "New variations"}
      </Button>
      {regeneration !== null && (
        <div role="group" aria-label="Variations" className="flex gap-1">
          <Button kind="quiet" aria-pressed={selected === null} onClick={() => preview(null)}>
            Original
          </Button>
          {Array.from({ length: NUM_VARIATIONS }, (_, index) => (
            <Button key={index} kind="quiet" aria-pressed={selected === index} disabled={variation(index) === null} onClick={() => preview(index)}>
              Variation {index + 1}
            </Button>
          ))}
        </div>
      )}
      <span className="grow" />
      {selected !== null && (
        <Button kind="primary" onClick={keep}>
          Keep variation {selected + 1}
        </Button>
      )}
      <Button kind="quiet" onClick={onDone}>
        Close
      </Button>
      {error !== null && (
        <div className="w-full">
          <ErrorNotice error={error} />
        </div>
      )}
      {method !== "infill" && (
        <p className="w-full text-xs text-soft">
          {method === "continue"
            ? `${model.version} continues the bars before the selection and does not see the bars after it.`
            : `${problemOf(model, clip)} ${capableVersions.length === 0 ? "No promoted version can." : `Choose another model: ${capableVersions.join(", ")}.`}`}
        </p>
      )}
    </section>
  );
}

/** Why a version cannot regenerate the selected bars. */
function problemOf(model: ModelVersion, clip: Clip): string {
  const unknown = unknownMetres(model, clip.bars);
  if (unknown.length > 0) return `${model.version} does not know ${unknown.join(" and ")}.`;
  return model.capabilities.primer ? `${model.version} cannot regenerate bars of several time signatures at once.` : `${model.version} cannot regenerate bars.`;
}
