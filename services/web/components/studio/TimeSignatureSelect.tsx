"use client";

import { Select } from "@/components/controls/Select";
import type { Metre } from "@/lib/api/types";
import { knownMetres } from "@/lib/models/metres";
import { COMMON_TIME } from "@/lib/music/bars";

import type { Studio } from "./useStudio";

/** The time signature of the generated bars, for versions that know several ones. */
export function TimeSignatureSelect({ studio: { settings, updateSettings, model } }: { studio: Studio }) {
  const known = model === undefined ? [] : knownMetres(model);
  const { timeSignature, primer } = settings;
  const isKnown = timeSignature === null || known.includes(timeSignature);
  if (known.length < 2 && isKnown) return null;
  const options = isKnown ? known : [timeSignature, ...known];
  const asDefault = primer === null ? COMMON_TIME : "as in the file";
  return (
    <div>
      <Select label="Time signature" value={timeSignature ?? ""} onChange={(metre) => updateSettings({ timeSignature: metre === "" ? null : (metre as Metre) })}>
        <option value="">{asDefault}</option>
        {options
          .filter((metre) => metre !== asDefault)
          .map((metre) => (
            <option key={metre}>{metre}</option>
          ))}
      </Select>
      {!isKnown && (
        <p className="mt-1 text-xs text-bad">
          {model?.version ?? "This model"} does not know {timeSignature}.
        </p>
      )}
    </div>
  );
}
