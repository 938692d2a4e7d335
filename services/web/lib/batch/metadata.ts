// What the studio stores with a batch, because the gateway does not return the requests of its melodies.
import type { Batch, GenerationRequest } from "@/lib/api/types";
import { INSTRUMENTS } from "@/lib/music/instruments";
import { DEFAULT_TEMPO } from "@/lib/music/time";

const PROGRAM = "instrument";

/** The metadata of a batch whose melodies differ by their seeds. */
export const metadataOf = ({ model, bars, tempo, instrument }: GenerationRequest): Record<string, string> => ({
  model: model ?? "",
  bars: String(bars),
  tempo: String(tempo ?? DEFAULT_TEMPO),
  [PROGRAM]: String(instrument),
});

/** Metadata in words, such as `bars 8, Grand piano, model mini`. */
export const describe = ({ metadata }: Pick<Batch, "metadata">): string =>
  Object.entries(metadata)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => (name === PROGRAM ? (INSTRUMENTS[Number(value)] ?? value) : `${name} ${value}`))
    .join(", ");
