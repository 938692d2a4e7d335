import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import type { MelodySummary, ModelVersion } from "@/lib/api/wire";
import { factsOf, leakOf } from "@/lib/models/facts";
import { speedsOf } from "@/lib/models/speed";

const card = (version: string): ModelVersion => {
  const file = new URL(`../../../../checkpoints/${version}/card.json`, import.meta.url);
  return { ...(JSON.parse(readFileSync(file, "utf8")) as ModelVersion), promoted_at: null };
};
const fact = (model: ModelVersion, name: string): string | undefined => factsOf(model).find(([each]) => each === name)?.[1];

describe("a version in a few lines", () => {
  it("says what network it is", () => {
    expect(fact(card("v4"), "Network")).toBe("LSTM of 256, 512, 256 units");
    expect(fact(card("v7"), "Network")).toBe("decoder, 8 layers of 512, sees 512 tokens");
    expect(fact(card("v7"), "Size")).toBe("33.8M weights");
  });

  it("says what it learnt from, and under which licence", () => {
    expect(fact(card("v4"), "Music")).toBe("jazz standards: 112 pieces, 236K notes");
    expect(fact(card("v4"), "Its licence")).toMatch(/^No clear licence/);
  });

  it("says what it has seen, and what the weights that it began with had seen", () => {
    const grown = { steps: 10, seconds: 600, tokens: 2000, base: { tokens: 3000, seconds: 60, base: { tokens: 4000, seconds: 120, base: null } } };
    expect(fact({ ...card("v4"), training: grown }, "Trained")).toBe("10 steps, 10 minutes, 2K tokens; began with weights that had seen 7K in 3 minutes");
    expect(fact({ ...card("v4"), training: { ...grown, base: null } }, "Trained")).toBe("10 steps, 10 minutes, 2K tokens");
  });

  it("quotes the reference's loss with what is wrong with it, where there is one", () => {
    expect(fact(card("v7"), "Per token")).toMatch(/nats on held-out pieces; the public system states 0\.095 for its own v7, on windows/);
    expect(fact(card("v4"), "Per token")).toMatch(/nats on held-out pieces$/);
  });

  it("leaves out what the card does not say", () => {
    const bare = { ...card("v4"), data: {}, training: {}, evaluation: {} };
    expect(factsOf(bare).map(([name]) => name)).toEqual(["Can", "Weights"]);
  });
});

describe("how quickly a version writes", () => {
  const melody = (model: string, num_tokens: number, seconds: number) => ({ model, num_tokens, seconds }) as MelodySummary;

  it("is the median of what it has written here", () => {
    const speeds = speedsOf([melody("v4", 100, 1), melody("v4", 300, 1), melody("v4", 400, 2), melody("v7", 90, 0), melody("v7", 90, 3)]);
    expect(speeds.get("v4")).toEqual({ tokensPerSecond: 200, melodies: 3 });
    expect(factsOf(card("v4"), speeds.get("v4"))).toContainEqual(["Speed", "200 tokens a second, the median of your last 3 melodies of it"]);
    expect(factsOf(card("v7"), speeds.get("v7"))).toContainEqual(["Speed", "30 tokens a second, the median of your last melody of it"]);
    expect(fact(card("v6"), "Speed")).toBeUndefined();
  });
});

describe("what a leaky split hides", () => {
  const leak = { leaky_validation_nats_per_token: 0.5, held_out_nats_per_token: 2 };

  it("is taken from the card of the network that it was measured on", () => {
    expect(leakOf([{ ...card("v4"), evaluation: {} }, { ...card("v7"), evaluation: { leak } }])).toEqual({ network: "v7", leaky: 0.5, heldOut: 2 });
  });

  it("is nothing if it was not measured", () => {
    expect(leakOf([{ ...card("v4"), evaluation: {} }])).toBeNull();
  });
});
