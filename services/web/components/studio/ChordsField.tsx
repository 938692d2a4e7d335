"use client";

// The chord constraint: one chord per bar.
import { useId } from "react";

import { Slider } from "@/components/controls/Slider";
import { isChord, parseProgression } from "@/lib/music/chord";

import type { Studio } from "./useStudio";

export function ChordsField({ studio: { settings, updateSettings, model } }: { studio: Studio }) {
  const id = useId();
  const { text, strictness } = settings.chords;
  const isSupported = model?.capabilities.chords === true;
  if (!isSupported && text === "") return null;
  const names = parseProgression(text);
  const unknown = names.find((name) => !isChord(name));
  const problem = !isSupported ? `${model?.version ?? "This model"} does not support chords.` : unknown && `${unknown} is not a chord. Examples: C, F#m, Bbmaj7, D-7, G7#9, Csus4, Am7/G.`;
  return (
    <div className="flex flex-col gap-3">
      <div>
        <label htmlFor={id} className="mb-1 block text-sm text-soft">
          Chords, one per bar
        </label>
        <input
          id={id}
          value={text}
          placeholder="any, for example Am7 Dm G7 C"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-help`}
          onChange={({ target }) => updateSettings({ chords: { text: target.value, strictness } })}
          className="h-10 w-full rounded-lg border border-edge bg-panel px-3 text-sm placeholder:text-soft"
        />
        <p id={`${id}-help`} aria-live="polite" className={`mt-1 text-xs ${problem === undefined ? "text-soft" : "text-bad"}`}>
          {problem ?? names.map((name, bar) => `${bar + 1} ${name}`).join(" · ")}
          {problem === undefined && names.length > 0 && ", repeated"}
        </p>
      </div>
      {names.length > 0 && (
        <Slider label="Chord strictness" value={strictness} min={0} max={1} step={0.05} valueText={strictness === 1 ? "chord tones only" : `${Math.round(strictness * 100)} %`} onChange={(value) => updateSettings({ chords: { text, strictness: value } })} />
      )}
    </div>
  );
}
