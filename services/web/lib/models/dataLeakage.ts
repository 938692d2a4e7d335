// The measured effect of data leakage: overlapping validation windows make a loss look better.
import type { ModelVersion } from "@/lib/api/types";

export interface DataLeakage {
  version: string;
  leakyNatsPerToken: number;
  heldOutNatsPerToken: number;
}

/** The measurement from the first card that has one; null if no card has it. */
export function findDataLeakage(models: readonly Pick<ModelVersion, "version" | "evaluation">[]): DataLeakage | null {
  for (const { version, evaluation: { data_leakage: measured } } of models) {
    if (measured != null) {
      return { version, leakyNatsPerToken: measured.leaky_validation_nats_per_token, heldOutNatsPerToken: measured.held_out_nats_per_token };
    }
  }
  return null;
}
