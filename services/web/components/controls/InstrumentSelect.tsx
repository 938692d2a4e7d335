"use client";

import { INSTRUMENT_FAMILIES } from "@/lib/music/instruments";

import { Select } from "./Select";

export function InstrumentSelect({ value, onChange }: { value: number; onChange: (program: number) => void }) {
  return (
    <Select label="Instrument" value={value} onChange={(program) => onChange(Number(program))}>
      {INSTRUMENT_FAMILIES.map(([family, names], familyIndex) => (
        <optgroup key={family} label={family}>
          {names.map((name, index) => (
            <option key={name} value={familyIndex * 8 + index}>
              {name}
            </option>
          ))}
        </optgroup>
      ))}
    </Select>
  );
}
