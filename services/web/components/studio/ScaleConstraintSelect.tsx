"use client";

// The scale constraint: only notes of this scale are generated.
import { Select } from "@/components/controls/Select";
import { KEYS } from "@/lib/music/scale";
import { MODES, type ScaleConstraint } from "@/lib/studio/scaleConstraint";

import type { Studio } from "./useStudio";

const ANY = "any";
const TONICS = KEYS.map((name) => name.replace("♭", "b"));

export function ScaleConstraintSelect({ studio: { settings, updateSettings, model } }: { studio: Studio }) {
  const { scale } = settings;
  if (model?.capabilities.scale !== true) return null;
  const constrain = (changed: Partial<ScaleConstraint>) => updateSettings({ scale: { tonic: "C", mode: "major", ...scale, ...changed } });
  return (
    <div className="grid grid-cols-2 gap-2">
      <Select label="Restrict to key" value={scale?.tonic ?? ANY} onChange={(tonic) => (tonic === ANY ? updateSettings({ scale: null }) : constrain({ tonic }))}>
        <option value={ANY}>any key</option>
        {TONICS.map((tonic, key) => (
          <option key={tonic} value={tonic}>
            {KEYS[key]}
          </option>
        ))}
      </Select>
      {scale !== null && (
        <Select label="Mode" value={scale.mode} onChange={(mode) => constrain({ mode: mode as ScaleConstraint["mode"] })}>
          {MODES.map((mode) => (
            <option key={mode}>{mode}</option>
          ))}
        </Select>
      )}
    </div>
  );
}
