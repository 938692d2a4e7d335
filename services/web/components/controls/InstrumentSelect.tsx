"use client";

import { INSTRUMENT_FAMILIES } from "@/lib/music/instruments";

import { Select } from "./Select";

export function InstrumentSelect({ value, onChange }: { value: number; onChange: (program: number) => void }) {
  return (
    <Select label="Instrument" value={value} onChange={(program) => onChange(Number(program))}>
      {INSTRUMENT_FAMILIES.map(([family, names], first) => (
        <optgroup key={family} label={family}>
          {names.map((name, place) => (
            <option key={name} value={first * 8 + place}>
              {name}
            </option>
          ))}
        </optgroup>
      ))}
    </Select>
  );
}
