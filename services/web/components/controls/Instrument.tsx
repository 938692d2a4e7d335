"use client";

import { FAMILIES } from "@/lib/music/instruments";

import { Choice } from "./Choice";

export function Instrument({ value, onChange }: { value: number; onChange: (program: number) => void }) {
  return (
    <Choice label="Instrument" value={value} onChange={(program) => onChange(Number(program))}>
      {FAMILIES.map(([family, names], first) => (
        <optgroup key={family} label={family}>
          {names.map((name, place) => (
            <option key={name} value={first * 8 + place}>
              {name}
            </option>
          ))}
        </optgroup>
      ))}
    </Choice>
  );
}
