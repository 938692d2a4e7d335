"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { Button } from "@/components/controls/Button";
import { Icon } from "@/components/controls/Icon";
import { Failure } from "@/components/controls/Notice";
import { Roll } from "@/components/roll/Roll";
import { melodiesOf } from "@/lib/api/calls";
import { useJob, usePerformance } from "@/lib/api/queries";
import { hasEnded } from "@/lib/api/wire";
import type { Asked } from "@/lib/compare/comparison";
import { type Surprise, surprisesOf } from "@/lib/models/surprise";
import { type Part, partOf } from "@/lib/music/performance";
import { likelyScale, nameOf } from "@/lib/music/scale";

interface Props {
  entry: Asked;
  isHeard: boolean;
  isPlaying: boolean;
  position: () => number;
  onSeek: (tick: number) => void;
  onHear: () => void;
  onPart: (jobId: string, part: Part, isOver: boolean) => void;
}

export function Entry({ entry: { model, job }, isHeard, isPlaying, position, onSeek, onHear, onPart }: Props) {
  const { performance, failure } = usePerformance(job.id);
  const { data: present } = useJob(job.id);
  const problem = failure ?? present?.error?.detail ?? null;
  const part = partOf(performance, 0);
  const isOver = hasEnded(performance.state);
  useEffect(() => onPart(job.id, part, isOver), [onPart, job.id, part, isOver]);
  const summary = useQuery({ queryKey: ["melodies", job.id], queryFn: () => melodiesOf(job.id), enabled: isOver });
  const melody = summary.data?.[0];
  const none = isOver ? "none" : "...";
  const { bars } = job.request;
  const scale = likelyScale(part.notes);
  const facts: [string, string][] = [
    ...surprisesOf(model).map((surprise): [string, string] => [headOf(surprise), surprise.natsPerNote.toFixed(3)]),
    ["Tokens per s", melody === undefined ? none : (melody.num_tokens / melody.seconds).toFixed(0)],
    ["Notes", String(part.notes.length)],
    ["Notes a bar", part.bars === 0 ? none : (part.notes.length / part.bars).toFixed(1)],
    ["Likeliest key", scale === null ? none : nameOf(scale)],
  ];
  return (
    <article aria-label={model.version} className={`grid gap-3 rounded-2xl border bg-panel p-3 lg:grid-cols-[13rem_minmax(0,1fr)] ${isHeard ? "border-accent" : "border-line"}`}>
      <div>
        <div className="mb-2 flex items-center justify-between gap-2">
          <h2>{model.version}</h2>
          <Button aria-pressed={isHeard} onClick={onHear}>
            <Icon name="volume" /> Listen
          </Button>
        </div>
        <dl className="grid grid-cols-[1fr_auto] gap-x-2 text-sm tabular-nums">
          {facts.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-soft">{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {problem !== null && <Failure of={problem} />}
      </div>
      <Roll label={`Piano roll of ${model.version}`} notes={part.notes} bars={bars} written={performance.state === "succeeded" ? bars : part.bars} position={position} isPlaying={isPlaying} onSeek={onSeek} className="h-48" />
    </article>
  );
}

function headOf({ set, note }: Surprise): string {
  if (set !== null) return `Nats, ${set}`;
  return note === null ? "Nats per note" : "Nats, pitch only";
}
