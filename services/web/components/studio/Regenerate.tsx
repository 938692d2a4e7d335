"use client";

// Other music for the chosen bars: several takes, compared by ear, one kept.
import { useEffect, useState } from "react";

import { Button } from "@/components/controls/Button";
import { Failure } from "@/components/controls/Notice";
import { useJob, usePerformance } from "@/lib/api/queries";
import { hasEnded } from "@/lib/api/wire";
import { wholeOf } from "@/lib/audio/player";
import { partOf } from "@/lib/music/performance";
import { type Piece, replace } from "@/lib/music/piece";
import { barsOf, type Range, TICKS_PER_BAR } from "@/lib/music/time";
import { placed, regenerate, type Take, wayOf } from "@/lib/studio/regenerate";

import type { Studio } from "./useStudio";

const TAKES = 3;

interface Props {
  studio: Studio;
  range: Range;
  /** What is heard and seen instead of the piece; null for the piece itself. */
  onAudition: (piece: Piece | null) => void;
  onDone: () => void;
}

export function Regenerate({ studio, range, onAudition, onDone }: Props) {
  const { piece, model, playable, settings, player } = studio;
  const [take, setTake] = useState<Take | null>(null);
  const [chosen, setChosen] = useState<number | null>(null);
  const { performance, failure } = usePerformance(take?.job.id ?? null);
  const job = useJob(take?.job.id ?? null);
  const problem = failure ?? job.data?.error?.detail ?? null;
  const isWriting = take !== null && !hasEnded(performance.state) && failure === null;
  useEffect(() => () => onAudition(null), [onAudition]);
  if (piece === null || model === undefined) return null;

  const way = wayOf(model, piece, range);
  const able = playable.filter((other) => wayOf(other, piece, range) !== null).map(({ version }) => version);
  const first = range.from / TICKS_PER_BAR + 1;
  const count = barsOf(range);
  const variation = (index: number): Piece | null => {
    const part = partOf(performance, index);
    return take === null || part.id === null ? null : replace(piece, take.range, placed(take, part.notes));
  };
  const ask = () => {
    setChosen(null);
    onAudition(null);
    player.open();
    void studio.attempt(async () => setTake(await regenerate(piece, range, settings, model, TAKES)));
  };
  const audition = (index: number | null) => {
    setChosen(index);
    const heard = index === null ? null : variation(index);
    onAudition(heard);
    player.load(wholeOf(heard ?? piece)); // before it is played, and not when the page is drawn anew
    player.seek(range.from);
    player.play();
  };
  const keep = () => {
    const kept = chosen === null ? null : variation(chosen);
    if (kept !== null) studio.edit(kept);
    onDone();
  };
  return (
    <section aria-label="Selected bars" className="flex flex-wrap items-center gap-2 rounded-2xl border border-line bg-panel px-3 py-2 text-sm">
      <p className="mr-2">
        {count === 1 ? `Bar ${first}` : `Bars ${first} to ${first + count - 1}`}
        <span className="text-soft">; the others are locked</span>
      </p>
      <Button kind={take === null ? "primary" : "plain"} disabled={isWriting || way === null} onClick={ask}>
        {isWriting ? "Writing takes ..." : take === null ? "Regenerate" : "New takes"}
      </Button>
      {take !== null && (
        <div role="group" aria-label="Takes" className="flex gap-1">
          <Button kind="quiet" aria-pressed={chosen === null} onClick={() => audition(null)}>
            Original
          </Button>
          {Array.from({ length: TAKES }, (_, index) => (
            <Button key={index} kind="quiet" aria-pressed={chosen === index} disabled={variation(index) === null} onClick={() => audition(index)}>
              Take {index + 1}
            </Button>
          ))}
        </div>
      )}
      <span className="grow" />
      {chosen !== null && (
        <Button kind="primary" onClick={keep}>
          Keep take {chosen + 1}
        </Button>
      )}
      <Button kind="quiet" onClick={onDone}>
        Close
      </Button>
      {problem !== null && (
        <div className="w-full">
          <Failure of={problem} />
        </div>
      )}
      {way !== "fill" && (
        <p className="w-full text-xs text-soft">
          {way === "go on"
            ? `${model.version} goes on from the bars before, and does not see what follows.`
            : `${model.version} cannot write bars anew. ${able.length === 0 ? "No version here can." : `Choose another model: ${able.join(", ")}.`}`}
        </p>
      )}
    </section>
  );
}
