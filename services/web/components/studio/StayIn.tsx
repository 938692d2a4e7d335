"use client";

// The scale that a version is held to: no other note is written.
import { Choice } from "@/components/controls/Choice";
import { KEYS } from "@/lib/music/scale";
import { MODES, type StrictScale } from "@/lib/studio/scale";

import type { Studio } from "./useStudio";

const ANY = "any";
const TONICS = KEYS.map((name) => name.replace("♭", "b"));

export function StayIn({ studio: { settings, set, model } }: { studio: Studio }) {
  const { scale } = settings;
  if (model?.capabilities.scale !== true) return null;
  const stay = (changed: Partial<StrictScale>) => set({ scale: { tonic: "C", mode: "major", ...scale, ...changed } });
  return (
    <div className="grid grid-cols-2 gap-2">
      <Choice label="Stay in" value={scale?.tonic ?? ANY} onChange={(tonic) => (tonic === ANY ? set({ scale: null }) : stay({ tonic }))}>
        <option value={ANY}>any key</option>
        {TONICS.map((tonic, key) => (
          <option key={tonic} value={tonic}>
            {KEYS[key]}
          </option>
        ))}
      </Choice>
      {scale !== null && (
        <Choice label="Mode" value={scale.mode} onChange={(mode) => stay({ mode: mode as StrictScale["mode"] })}>
          {MODES.map((mode) => (
            <option key={mode}>{mode}</option>
          ))}
        </Choice>
      )}
    </div>
  );
}
