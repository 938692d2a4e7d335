import { expect, it } from "vitest";

import { findDataLeakage } from "@/lib/models/dataLeakage";

const MEASUREMENT = {
  leaky_validation_nats_per_token: 0.5,
  held_out_nats_per_token: 2,
  gap_nats_per_token: 1.5,
  num_tokens: 1000,
  num_training_windows: 10,
  seed: 7,
};

it("returns the measurement of the version whose card has it", () => {
  const models = [{ version: "v4", evaluation: {} }, { version: "v7", evaluation: { data_leakage: MEASUREMENT } }];
  expect(findDataLeakage(models)).toEqual({ version: "v7", leakyNatsPerToken: 0.5, heldOutNatsPerToken: 2 });
});

it("returns null if no card has a measurement", () => {
  expect(findDataLeakage([{ version: "v4", evaluation: {} }])).toBeNull();
});
