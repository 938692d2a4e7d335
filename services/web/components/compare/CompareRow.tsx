"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { Button } from "@/components/controls/Button";
import { Icon } from "@/components/controls/Icon";
import { ErrorNotice } from "@/components/controls/notices";
import { PianoRoll } from "@/components/roll/PianoRoll";
import { listJobMelodies } from "@/lib/api/endpoints";
import { useJob, useJobStream } from "@/lib/api/queries";
import { isTerminal } from "@/lib/api/types";
import type { CompareEntry } from "@/lib/compare/comparison";
import { type Likelihood, likelihoodsOf } from "@/lib/models/likelihood";
import { regularBars } from "@/lib/music/bars";
import { melodyAt, type MelodyNotes } from "@/lib/music/jobNotes";
import { estimateScale, formatScale } from "@/lib/music/scale";

interface Props {
  entry: CompareEntry;
  isSelected: boolean;
  isPlaying: boolean;
  getPosition: () => number;
  onSeek: (tick: number) => void;
  onPlay: () => void;
  onMelody: (jobId: string, melody: MelodyNotes, isComplete: boolean) => void;
}

export function CompareRow({ entry: { model, job }, isSelected, isPlaying, getPosition, onSeek, onPlay, onMelody }: Props) {
  const { jobNotes, error: streamError } = useJobStream(job.id);
  const { data: currentJob } = useJob(job.id);
  const error = streamError ?? currentJob?.error?.detail ?? null;
  const melody = melodyAt(jobNotes, 0);
  const isComplete = isTerminal(jobNotes.state);
  useEffect(() => onMelody(job.id, melody, isComplete), [onMelody, job.id, melody, isComplete]);
  const summaries = useQuery({ queryKey: ["melodies", job.id], queryFn: () => listJobMelodies(job.id), enabled: isComplete });
  const summary = summaries.data?.[0];
  const unknown = isComplete ? "none" : "...";
  const bars = regularBars(job.request.bars);
  const scale = estimateScale(melody.notes);
  const facts: [string, string][] = [
    ...likelihoodsOf(model).map((likelihood): [string, string] => [likelihoodLabel(likelihood), likelihood.natsPerNote.toFixed(3)]),
    ["Tokens per second", summary === undefined ? unknown : (summary.num_tokens / summary.generation_seconds).toFixed(0)],
    ["Notes", String(melody.notes.length)],
    ["Notes per bar", melody.bars === 0 ? unknown : (melody.notes.length / melody.bars).toFixed(1)],
    ["Estimated key", scale === null ? unknown : formatScale(scale)],
  ];
  return (
    <article aria-label={model.version} className={`grid gap-3 rounded-2xl border bg-panel p-3 lg:grid-cols-[13rem_minmax(0,1fr)] ${isSelected ? "border-accent" : "border-line"}`}>
      <div>
        <div className="mb-2 flex items-center justify-between gap-2">
          <h2>{model.version}</h2>
          <Button aria-pressed={isSelected} onClick={onPlay}>
            <Icon name="volume" /> Listen
          </Button>
        </div>
        <dl className="grid grid-cols-[1fr_auto] gap-x-2 text-sm tabular-nums">
          {facts.map(([label, value]) => (
            <div key={label} className="contents">
              <dt className="text-soft">{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {error !== null && <ErrorNotice error={error} />}
      </div>
      <PianoRoll label={`Piano roll of ${model.version}`} notes={melody.notes} bars={bars} generatedBars={jobNotes.state === "succeeded" ? bars.length : melody.bars} getPosition={getPosition} isPlaying={isPlaying} onSeek={onSeek} className="h-48" />
    </article>
  );
}

function likelihoodLabel({ dataset, limitation }: Likelihood): string {
  if (dataset !== null) return `Nats (${dataset})`;
  return limitation === null ? "Nats per note" : "Nats (pitch only)";
}
