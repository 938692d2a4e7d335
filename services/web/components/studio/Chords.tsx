"use client";

// The chords that a piece is led by, one a bar.
import { useId } from "react";

import { Slider } from "@/components/controls/Slider";
import { isChord, readProgression } from "@/lib/music/chord";

import type { Studio } from "./useStudio";

export function Chords({ studio: { settings, set, model } }: { studio: Studio }) {
  const id = useId();
  const { text, strictness } = settings.chords;
  const isAble = model?.capabilities.chords === true;
  if (!isAble && text === "") return null;
  const names = readProgression(text);
  const unknown = names.find((name) => !isChord(name));
  const problem = !isAble ? `${model?.version ?? "This model"} cannot follow chords.` : unknown && `${unknown} is no chord: such as C, F#m, Bb7, Dm7b5, Gsus4.`;
  return (
    <div className="flex flex-col gap-3">
      <div>
        <label htmlFor={id} className="mb-1 block text-sm text-soft">
          Chords, one a bar
        </label>
        <input
          id={id}
          value={text}
          placeholder="any, or such as Am7 Dm G7 C"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-hint`}
          onChange={({ target }) => set({ chords: { text: target.value, strictness } })}
          className="h-10 w-full rounded-lg border border-edge bg-panel px-3 text-sm placeholder:text-soft"
        />
        <p id={`${id}-hint`} aria-live="polite" className={`mt-1 text-xs ${problem === undefined ? "text-soft" : "text-bad"}`}>
          {problem ?? names.map((name, bar) => `${bar + 1} ${name}`).join(" · ")}
          {problem === undefined && names.length > 0 && ", then again"}
        </p>
      </div>
      {names.length > 0 && (
        <Slider label="Held to the chords" value={strictness} min={0} max={1} step={0.05} shown={strictness === 1 ? "no other note" : `${Math.round(strictness * 100)} %`} onChange={(held) => set({ chords: { text, strictness: held } })} />
      )}
    </div>
  );
}
