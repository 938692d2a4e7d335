"use client";

// Which bars of an uploaded file are used.
import { useState } from "react";

import { Button } from "@/components/controls/Button";
import type { BarSelection } from "@/lib/api/endpoints";

interface Props {
  /** Number of bars that are used now; null if the file is too long to be used as a whole. */
  numBars: number | null;
  onUse: (bars: BarSelection) => void;
}

export function BarSelectionField({ numBars, onUse }: Props) {
  const [first, setFirst] = useState("");
  const [last, setLast] = useState("");
  const use = () => onUse({ first: first === "" ? 0 : Number(first) - 1, last: last === "" ? null : Number(last) - 1 });
  const isValid = last === "" || Number(last) >= Number(first === "" ? 1 : first);
  return (
    <div className="flex flex-wrap items-center gap-2 text-sm text-soft" role="group" aria-label="Bars of the file to use">
      Bars
      <BarNumber label="First bar to use" value={first} placeholder="1" onChange={setFirst} />
      to
      <BarNumber label="Last bar to use" value={last} placeholder={numBars === null ? "last" : String(numBars)} onChange={setLast} />
      <Button aria-label="Use these bars" disabled={!isValid || (first === "" && last === "")} onClick={use}>
        Use
      </Button>
    </div>
  );
}

function BarNumber({ label, value, placeholder, onChange }: { label: string; value: string; placeholder: string; onChange: (value: string) => void }) {
  return (
    <input
      aria-label={label}
      inputMode="numeric"
      value={value}
      placeholder={placeholder}
      onChange={({ target }) => onChange(target.value.replace(/\D/g, "").replace(/^0+/, "").slice(0, 4))}
      className="h-10 w-14 rounded-lg border border-edge bg-panel px-2 text-ink tabular-nums placeholder:text-soft"
    />
  );
}
