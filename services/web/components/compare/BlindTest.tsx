"use client";

// An ABX test: X is A or B, and the user guesses which.
import { useState } from "react";

import { Button } from "@/components/controls/Button";
import type { CompareEntry } from "@/lib/compare/comparison";

interface Props {
  entries: readonly CompareEntry[];
  /** Plays an entry; with `blind`, the page hides its version. */
  onPlay: (entry: CompareEntry, blind?: boolean) => void;
}

const randomSide = (): 0 | 1 => ((crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) % 2 === 0 ? 0 : 1);

export function BlindTest({ entries, onPlay }: Props) {
  const [x, setX] = useState<0 | 1>(randomSide);
  const [results, setResults] = useState({ correct: 0, total: 0 });
  const [feedback, setFeedback] = useState<string | null>(null);
  const [a, b] = entries;
  if (a === undefined || b === undefined) return null;
  const pair = [a, b] as const;
  const guess = (side: 0 | 1) => {
    const isCorrect = side === x;
    setFeedback(`${isCorrect ? "Correct" : "Wrong"}: X was ${pair[x].model.version}.`);
    setResults(({ correct, total }) => ({ correct: correct + Number(isCorrect), total: total + 1 }));
    setX(randomSide());
  };
  return (
    <section aria-label="Blind test" className="mt-6 rounded-2xl border border-line bg-panel p-4">
      <h2>Blind test</h2>
      <p className="mb-3 text-sm text-soft">
        X is {a.model.version} or {b.model.version}, chosen at random. Random guesses are correct half of the time.
      </p>
      <div className="flex flex-wrap items-center gap-2">
        <Button onClick={() => onPlay(a)}>Play A</Button>
        <Button onClick={() => onPlay(b)}>Play B</Button>
        <Button kind="primary" onClick={() => onPlay(pair[x], true)}>
          Play X
        </Button>
        <span className="w-4" />
        <Button onClick={() => guess(0)}>X is A</Button>
        <Button onClick={() => guess(1)}>X is B</Button>
        <p role="status" className="text-sm">
          {feedback} {results.total > 0 && <span className="text-soft">{results.correct} of {results.total} correct</span>}
        </p>
      </div>
    </section>
  );
}
