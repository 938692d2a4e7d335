// A version in a few lines: what it is, what it learnt from, how that was judged. What its card does not say is left out.
import type { ModelVersion } from "@/lib/api/wire";

import { at, compact, numberAt, setsOf, textAt } from "./card";
import type { Speed } from "./speed";

/** Validation losses, in nats a token, that the public system with versions of these names states. */
const REFERENCE: Readonly<Record<string, number>> = { v6: 0.349, v7: 0.095, v8: 0.92 };

export type Fact = readonly [name: string, value: string];

export function factsOf({ version, data, training, evaluation, capabilities, licence }: ModelVersion, speed: Speed | null = null): Fact[] {
  const facts: [string, string | null][] = [
    ["Network", networkOf(training)],
    ["Size", saying(numberAt(training, "parameters"), (count) => `${compact(count)} weights`)],
    ["Vocabulary", saying(numberAt(data, "vocabulary"), (count) => `${compact(count)} tokens${saying(numberAt(data, "tokens_per_note"), (each) => `, ${each.toFixed(2)} a note`) ?? ""}`)],
    ["Music", setsOf(data).map(music).join("; ") || null],
    ["Its licence", [...new Set(setsOf(data).flatMap((set) => textAt(set, "licence") ?? []))].join("; ") || null],
    ["Trained", saying(numberAt(training, "steps"), (steps) => `${compact(steps)} steps, ${duration(numberAt(training, "seconds"))}, ${compact(numberAt(training, "tokens"))} tokens${before(training)}`)],
    ["Judged on", saying(numberAt(evaluation, "held_out", "pieces"), (pieces) => `${compact(pieces)} held-out pieces, ${compact(numberAt(evaluation, "held_out", "notes"))} notes`)],
    ["Information", saying(numberAt(evaluation, "bits_per_second"), (bits) => `${bits.toFixed(1)} bits a second of music`)],
    ["Per token", perToken(version, numberAt(evaluation, "nats_per_token"))],
    ["Copying", copying(at(evaluation, "samples", "longest_copied_notes"))],
    ["Speed", saying(speed, ({ tokensPerSecond, melodies }) => `${compact(tokensPerSecond)} tokens a second, the median of ${melodies === 1 ? "your last melody" : `your last ${melodies} melodies`} of it`)],
    ["Can", [`${capabilities.max_bars} bars`, capabilities.primer ? "go on from a file" : null, capabilities.infill ? "write bars anew between others" : null, capabilities.velocity ? "loud and soft" : null].filter(Boolean).join(", ")],
    ["Weights", licence],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}

const saying = <T>(value: T | null, how: (value: T) => string): string | null => (value === null ? null : how(value));

function networkOf(training: unknown): string | null {
  const network = at(training, "recipe", "network");
  const context = numberAt(training, "recipe", "examples", "context") ?? numberAt(network, "context");
  const seen = saying(context, (tokens) => `, sees ${compact(tokens)} tokens`) ?? "";
  const units = at(network, "units");
  if (Array.isArray(units)) return `LSTM of ${units.join(", ")} units`;
  return saying(numberAt(network, "layers"), (layers) => `decoder, ${layers} layers of ${compact(numberAt(network, "d_model"))}${seen}`);
}

/** What the weights that it began with had seen: of earlier runs, or of smaller networks that it grew from. */
function before(training: unknown): string {
  let [tokens, seconds] = [0, 0];
  for (let base = at(training, "base"); base !== undefined && base !== null; base = at(base, "base")) {
    tokens += numberAt(base, "tokens") ?? 0;
    seconds += numberAt(base, "seconds") ?? 0;
  }
  return tokens === 0 ? "" : `; began with weights that had seen ${compact(tokens)} in ${duration(seconds)}`;
}

const music = (set: unknown): string =>
  `${textAt(set, "about") ?? textAt(set, "name") ?? "music"}: ${compact(numberAt(set, "kept"))} pieces, ${compact(numberAt(set, "notes"))} notes`;

function perToken(version: string, ours: number | null): string | null {
  if (ours === null) return null;
  const theirs = REFERENCE[version];
  const held = `${ours.toFixed(3)} nats on held-out pieces`;
  return theirs === undefined ? held : `${held}; the public system states ${theirs} for its own ${version}, on windows of pieces that it learnt from`;
}

function copying(runs: unknown): string | null {
  const [own, people] = [numberAt(runs, "samples", "median"), numberAt(runs, "held_out", "median")];
  return own === null || people === null ? null : `longest run shared with the music learnt from: ${own} notes, and ${people} in music by people (medians)`;
}

function duration(seconds: number | null): string {
  if (seconds === null) return "time not stated";
  return seconds < 5400 ? `${Math.round(seconds / 60)} minutes` : `${(seconds / 3600).toFixed(1)} hours`;
}

export interface Leak {
  network: string;
  leaky: number;
  heldOut: number;
}

/** What a split by windows hides, as it was measured on one of the networks. */
export function leakOf(models: readonly ModelVersion[]): Leak | null {
  for (const { version, evaluation } of models) {
    const [leaky, heldOut] = [numberAt(evaluation, "leak", "leaky_validation_nats_per_token"), numberAt(evaluation, "leak", "held_out_nats_per_token")];
    if (leaky !== null && heldOut !== null) return { network: version, leaky, heldOut };
  }
  return null;
}
