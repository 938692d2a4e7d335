"use client";

// A, B and X: X is one of the two, and who hears a difference can tell which.
import { useState } from "react";

import { Button } from "@/components/controls/Button";
import type { Asked } from "@/lib/compare/comparison";

interface Props {
  entries: readonly Asked[];
  /** `blind`: without saying which. */
  onHear: (entry: Asked, blind?: boolean) => void;
}

const toss = (): 0 | 1 => (crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) % 2 === 0 ? 0 : 1;

export function Blind({ entries, onHear }: Props) {
  const [x, setX] = useState<0 | 1>(toss);
  const [score, setScore] = useState({ right: 0, of: 0 });
  const [answer, setAnswer] = useState<string | null>(null);
  const [a, b] = entries;
  if (a === undefined || b === undefined) return null;
  const pair = [a, b] as const;
  const guess = (side: 0 | 1) => {
    const isRight = side === x;
    setAnswer(`${isRight ? "Right" : "No"}: X was ${pair[x].model.version}.`);
    setScore(({ right, of }) => ({ right: right + Number(isRight), of: of + 1 }));
    setX(toss());
  };
  return (
    <section aria-label="Listen blind" className="mt-6 rounded-2xl border border-line bg-panel p-4">
      <h2>Listen blind</h2>
      <p className="mb-3 text-sm text-soft">
        X is {a.model.version} or {b.model.version}. Whoever hears no difference is right half of the time.
      </p>
      <div className="flex flex-wrap items-center gap-2">
        <Button onClick={() => onHear(a)}>Hear A</Button>
        <Button onClick={() => onHear(b)}>Hear B</Button>
        <Button kind="primary" onClick={() => onHear(pair[x], true)}>
          Hear X
        </Button>
        <span className="w-4" />
        <Button onClick={() => guess(0)}>X is A</Button>
        <Button onClick={() => guess(1)}>X is B</Button>
        <p role="status" className="text-sm">
          {answer} {score.of > 0 && <span className="text-soft">{score.right} of {score.of} right</span>}
        </p>
      </div>
    </section>
  );
}
