"use client";

import { type ReactNode, useId } from "react";

interface Props {
  label: string;
  value: string | number;
  onChange: (value: string) => void;
  /** The `option` and `optgroup` elements. */
  children: ReactNode;
}

export function Select({ label, value, onChange, children }: Props) {
  const id = useId();
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="mb-1 block text-sm text-soft">
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="h-10 w-full rounded-lg border border-edge bg-panel px-2 text-sm"
      >
        {children}
      </select>
    </div>
  );
}
