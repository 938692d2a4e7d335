"use client";

// What a model wrote at each point of its curve, by the same chances: one hears what it has learnt since.
import type { Listening } from "@/components/melody/useListening";
import { MiniRoll } from "@/components/roll/MiniRoll";
import type { TrainingPoint } from "@/lib/api/wire";
import { barsIn } from "@/lib/music/piece";

const SHOWN = 8;
const TEMPO = 120;
const PIANO = 0;

interface Props {
  of: string;
  points: readonly TrainingPoint[];
  listening: Listening;
}

export function Samples({ of, points, listening }: Props) {
  const heard = spread(points.filter(({ sample }) => sample.length > 0), SHOWN);
  if (heard.length === 0) return null;
  return (
    <section aria-label={`Samples of ${of}`} className="mt-3">
      <h4 className="mb-2 text-sm text-soft">What it writes, point by point</h4>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(8rem,1fr))] gap-2">
        {heard.map(({ step, sample }) => {
          const id = `${of} ${step}`;
          const bars = Math.max(1, barsIn(sample));
          const isHeard = listening.id === id;
          return (
            <li key={step}>
              <button
                type="button"
                onClick={() => listening.toggle({ id, notes: sample, bars, tempo: TEMPO }, PIANO)}
                className={`w-full rounded-xl border bg-raised p-2 text-left hover:border-edge ${isHeard ? "border-accent" : "border-line"}`}
              >
                <span className="block h-12">
                  <MiniRoll notes={sample} bars={bars} className="h-full" />
                </span>
                <span className="mt-1 block text-xs text-soft tabular-nums">
                  <span className="sr-only">{isHeard ? "Stop" : "Play"} the sample at </span>step {step.toLocaleString("en")}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** At most so many, from the first to the last. */
function spread<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))] as T);
}
