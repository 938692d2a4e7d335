// What a model's card says, as far as it says it: every field is looked for, none is made up.
import type { ModelVersion } from "@/lib/api/wire";

/** Something deep inside a card; undefined if it is not there. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => (typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[name] : undefined),
    value,
  );
}

export function numberAt(value: unknown, ...path: string[]): number | null {
  const found = at(value, ...path);
  return typeof found === "number" ? found : null;
}

export function textAt(value: unknown, ...path: string[]): string | null {
  const found = at(value, ...path);
  return typeof found === "string" ? found : null;
}

/** The sets of music that it learnt from. */
export function setsOf(data: unknown): unknown[] {
  const sets = at(data, "sets");
  return Array.isArray(sets) ? sets : [];
}

export interface Trait {
  name: string;
  samples: number;
  samplesSpread: number;
  heldOut: number;
  heldOutSpread: number;
}

/** What it writes beside music that it never saw. */
export function traitsOf(model: ModelVersion): Trait[] {
  const traits = at(model.evaluation, "samples", "traits");
  return Object.keys(traits ?? {}).flatMap((name) => {
    const [samples, heldOut] = [numberAt(traits, name, "samples_mean"), numberAt(traits, name, "held_out_mean")];
    if (samples === null || heldOut === null) return [];
    const spread = (side: string) => numberAt(traits, name, `${side}_std`) ?? 0;
    return [{ name, samples, samplesSpread: spread("samples"), heldOut, heldOutSpread: spread("held_out") }];
  });
}

/** `pitch_class_entropy_bits` as a person would write it. */
export const spoken = (name: string): string => {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

export const compact = (value: number | null): string => (value === null ? "not stated" : COMPACT.format(value));
