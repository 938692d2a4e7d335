import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import type { ModelVersion } from "@/lib/api/types";
import { modelFacts } from "@/lib/models/modelFacts";

const readCard = (version: string): ModelVersion => {
  const file = new URL(`../../../../../checkpoints/${version}/card.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as ModelVersion;
};
const fact = (card: ModelVersion, label: string): string | undefined => modelFacts(card).find(([name]) => name === label)?.[1];
const withTraining = (training: object): ModelVersion => ({ ...readCard("v4"), training: training as ModelVersion["training"] });

describe("modelFacts", () => {
  it("describes the network", () => {
    expect(fact(readCard("v4"), "Network")).toBe("LSTM, 256, 512, 256 units");
    expect(fact(readCard("v7"), "Network")).toBe("decoder, 8 layers of 512, context of 512 tokens");
    expect(fact(readCard("v7"), "Size")).toBe("33.8M parameters");
  });

  it("lists the data sets and their licenses", () => {
    expect(fact(readCard("v4"), "Data")).toBe("jazz standards: 112 pieces, 236K notes");
    expect(fact(readCard("v4"), "Data license")).toMatch(/^No clear licen[cs]e/);
  });

  it("adds up the training of all base weights", () => {
    const run = { steps: 10, seconds: 600, tokens: 2000 };
    const base = { tokens: 3000, seconds: 60, base: { tokens: 4000, seconds: 120, base: null } };
    expect(fact(withTraining({ ...run, base }), "Training")).toBe("10 steps, 10 minutes, 2K tokens; initialized from weights trained on 7K tokens in 3 minutes");
    expect(fact(withTraining({ ...run, base: null }), "Training")).toBe("10 steps, 10 minutes, 2K tokens");
  });

  it("quotes the loss of the public system, if there is one, and how it was measured", () => {
    expect(fact(readCard("v7"), "Per token")).toMatch(/nats on held-out pieces; the public system reports 0\.095 for its v7, on windows/);
    expect(fact(readCard("v4"), "Per token")).toMatch(/nats on held-out pieces$/);
  });

  it("has a speed only if it was measured", () => {
    expect(fact(readCard("v4"), "Speed")).toBeUndefined();
    expect(modelFacts(readCard("v4"), { tokensPerSecond: 200, numMelodies: 3 })).toContainEqual(["Speed", "200 tokens per second, median of your last 3 melodies"]);
    expect(modelFacts(readCard("v4"), { tokensPerSecond: 30, numMelodies: 1 })).toContainEqual(["Speed", "30 tokens per second, median of your last melody"]);
  });

  it("omits the facts that the card lacks", () => {
    const empty = { data: { datasets: [] }, training: { learning_curve: [] }, evaluation: {} };
    expect(modelFacts({ ...readCard("v4"), ...empty }).map(([label]) => label)).toEqual(["Capabilities", "License"]);
  });
});
