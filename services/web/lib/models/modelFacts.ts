// The card of a version as labeled lines of text; a missing value has no line.
import type { ModelVersion } from "@/lib/api/types";

import { formatCompact, formatDuration, formatOptional } from "./format";
import type { GenerationSpeed } from "./generationSpeed";

type DatasetRecord = ModelVersion["data"]["datasets"][number];
type TrainingRecord = ModelVersion["training"];
type Samples = NonNullable<ModelVersion["evaluation"]["samples"]>;

/** Validation losses in nats per token that the public system reports for its versions of the same name. */
const REFERENCE_LOSS: Readonly<Record<string, number>> = { v6: 0.349, v7: 0.095, v8: 0.92 };

export type Fact = readonly [label: string, value: string];

type Card = Pick<ModelVersion, "version" | "data" | "training" | "evaluation" | "capabilities" | "license">;

export function modelFacts(card: Card, speed: GenerationSpeed | null = null): Fact[] {
  const { version, data, training, evaluation, capabilities, license } = card;
  const facts: [string, string | null][] = [
    ["Network", describeNetwork(training)],
    ["Size", formatOptional(training.num_parameters, (count) => `${formatCompact(count)} parameters`)],
    ["Vocabulary", formatOptional(data.vocab_size, (count) => `${formatCompact(count)} tokens${formatOptional(data.tokens_per_note, (ratio) => `, ${ratio.toFixed(2)} per note`) ?? ""}`)],
    ["Data", data.datasets.map(describeDataset).join("; ") || null],
    ["Data license", [...new Set(data.datasets.map((dataset) => dataset.license))].join("; ") || null],
    ["Training", formatOptional(training.steps, (steps) => `${formatCompact(steps)} steps, ${formatDuration(training.seconds)}, ${formatCompact(training.tokens)} tokens${describeBase(training)}`)],
    ["Evaluation", formatOptional(evaluation.held_out, (held) => `${formatCompact(held.num_pieces)} held-out pieces, ${formatCompact(held.num_notes)} notes`)],
    ["Information", formatOptional(evaluation.bits_per_second, (bits) => `${bits.toFixed(1)} bits per second of music`)],
    ["Per token", formatOptional(evaluation.nats_per_token, (nats) => describeLoss(version, nats))],
    ["Overlap", formatOptional(evaluation.samples, describeOverlap)],
    ["Speed", formatOptional(speed, describeSpeed)],
    ["Capabilities", describeCapabilities(capabilities)],
    ["License", license],
  ];
  return facts.flatMap(([label, value]) => (value === null ? [] : [[label, value] as const]));
}

function describeNetwork({ recipe }: TrainingRecord): string | null {
  if (recipe == null) return null;
  const { network, examples } = recipe;
  if ("units" in network) return `LSTM, ${network.units.join(", ")} units`;
  return `decoder, ${network.layers} layers of ${formatCompact(network.d_model)}, context of ${formatCompact(examples.context)} tokens`;
}

/** The training of the weights that the run started from, which belong to another version or a smaller decoder. */
function describeBase(training: TrainingRecord): string {
  let [tokens, seconds] = [0, 0];
  for (let { base } = training; base != null; base = base.base) {
    tokens += base.tokens ?? 0;
    seconds += base.seconds ?? 0;
  }
  return tokens === 0 ? "" : `; initialized from weights trained on ${formatCompact(tokens)} tokens in ${formatDuration(seconds)}`;
}

const describeDataset = ({ description, used, num_notes }: DatasetRecord): string =>
  `${description}: ${formatCompact(used)} pieces, ${formatCompact(num_notes)} notes`;

function describeLoss(version: string, natsPerToken: number): string {
  const reference = REFERENCE_LOSS[version];
  const loss = `${natsPerToken.toFixed(3)} nats on held-out pieces`;
  if (reference === undefined) return loss;
  return `${loss}; the public system reports ${reference} for its ${version}, on windows of pieces that it was trained on`;
}

const describeOverlap = ({ training_overlap: { samples, held_out } }: Samples): string =>
  `longest passage shared with the training data: ${samples.median} notes in samples, ${held_out.median} in held-out pieces (medians)`;

const describeSpeed = ({ tokensPerSecond, numMelodies }: GenerationSpeed): string =>
  `${formatCompact(tokensPerSecond)} tokens per second, median of your last ${numMelodies === 1 ? "melody" : `${numMelodies} melodies`}`;

function describeCapabilities({ max_bars, primer, infill, velocity }: ModelVersion["capabilities"]): string {
  const optional: [boolean, string][] = [
    [primer, "continue a MIDI file"],
    [infill, "regenerate bars between others"],
    [velocity, "velocity"],
  ];
  return [`up to ${max_bars} bars`, ...optional.flatMap(([isSupported, text]) => (isSupported ? [text] : []))].join(", ");
}
