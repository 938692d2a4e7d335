// Musical features of a version's samples, and the same features of held-out pieces.
import type { ModelVersion } from "@/lib/api/types";

import { humanize } from "./format";

export interface Feature {
  label: string;
  samples: Distribution;
  heldOut: Distribution;
}

export interface Distribution {
  mean: number;
  std: number;
}

export const featuresOf = ({ evaluation }: Pick<ModelVersion, "evaluation">): Feature[] =>
  Object.entries(evaluation.samples?.features ?? {}).map(([name, feature]) => ({
    label: humanize(name),
    samples: { mean: feature.samples_mean, std: feature.samples_std },
    heldOut: { mean: feature.held_out_mean, std: feature.held_out_std },
  }));
