import { expect, it } from "vitest";

import type { MelodySummary } from "@/lib/api/types";
import { generationSpeeds } from "@/lib/models/generationSpeed";

const melody = (model: string, num_tokens: number, generation_seconds: number) => ({ model, num_tokens, generation_seconds }) as MelodySummary;

it("returns the median speed of each version, without melodies of unknown duration", () => {
  const speeds = generationSpeeds([melody("v4", 100, 1), melody("v4", 300, 1), melody("v4", 400, 2), melody("v7", 90, 0), melody("v7", 90, 3)]);
  expect(speeds.get("v4")).toEqual({ tokensPerSecond: 200, numMelodies: 3 });
  expect(speeds.get("v7")).toEqual({ tokensPerSecond: 30, numMelodies: 1 });
});
