"use client";

// Previews of a training: the melodies that its validations generate, all with the same seed.
import type { MelodyPlayback } from "@/components/melody/useMelodyPlayback";
import { MiniPianoRoll } from "@/components/roll/MiniPianoRoll";
import type { TrainingMetrics } from "@/lib/api/types";
import { barsUpTo, endOf } from "@/lib/music/bars";
import { lastNoteEnd } from "@/lib/music/clip";
import { DEFAULT_TEMPO } from "@/lib/music/time";

const MAX_SAMPLES = 8;
const PIANO = 0;

interface Props {
  version: string;
  metrics: readonly TrainingMetrics[];
  playback: MelodyPlayback;
}

export function PreviewSamples({ version, metrics, playback }: Props) {
  const samples = spreadOut(metrics.filter(({ preview_notes }) => preview_notes.length > 0), MAX_SAMPLES);
  if (samples.length === 0) return null;
  return (
    <section aria-label={`Samples of ${version}`} className="mt-3">
      <h4 className="mb-2 text-sm text-soft">Samples during training</h4>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(8rem,1fr))] gap-2">
        {samples.map(({ step, preview_notes: notes }) => {
          const id = `${version} ${step}`;
          const bars = barsUpTo(lastNoteEnd(notes));
          const isPlaying = playback.playingId === id;
          return (
            <li key={step}>
              <button
                type="button"
                onClick={() => playback.toggle(id, { notes, bars, tempo: DEFAULT_TEMPO, instrument: PIANO })}
                className={`w-full rounded-xl border bg-raised p-2 text-left hover:border-edge ${isPlaying ? "border-accent" : "border-line"}`}
              >
                <span className="block h-12">
                  <MiniPianoRoll notes={notes} end={endOf(bars)} className="h-full" />
                </span>
                <span className="mt-1 block text-xs text-soft tabular-nums">
                  <span className="sr-only">{isPlaying ? "Stop" : "Play"} the sample at </span>step {step.toLocaleString("en")}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** At most `count` items, evenly spaced from the first to the last. */
function spreadOut<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))] as T);
}
