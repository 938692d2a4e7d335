import { describe, expect, it } from "vitest";

import type { ModelVersion } from "@/lib/api/types";
import { likelihoodsOf, lowestNatsPerNote } from "@/lib/models/likelihood";

type Card = Pick<ModelVersion, "data" | "evaluation">;

const cardWith = (natsByDataset: Record<string, number>, limitation: string | null = null): Card =>
  ({
    data: { datasets: Object.keys(natsByDataset).map((name) => ({ name })) },
    evaluation: {
      nats_per_note: 9,
      limitation,
      by_dataset: Object.fromEntries(Object.entries(natsByDataset).map(([name, nats_per_note]) => [name, { nats_per_note }])),
    },
  }) as unknown as Card;
const SONGS_AND_PIANO = cardWith({ songs: 4, piano: 7 });

describe("likelihoodsOf", () => {
  it("returns one likelihood for one data set", () => {
    expect(likelihoodsOf(cardWith({ songs: 9 })).map(({ dataset, natsPerNote }) => [dataset, natsPerNote])).toEqual([[null, 9]]);
  });

  it("returns one likelihood per data set for several data sets", () => {
    expect(likelihoodsOf(SONGS_AND_PIANO).map(({ dataset, natsPerNote }) => [dataset, natsPerNote])).toEqual([["songs", 4], ["piano", 7]]);
  });

  it("follows the order of the data sets in the card", () => {
    const reversed = cardWith({ piano: 7, songs: 4 });
    expect(likelihoodsOf({ ...SONGS_AND_PIANO, data: reversed.data }).map(({ dataset }) => dataset)).toEqual(["piano", "songs"]);
    expect(likelihoodsOf({ ...reversed, data: SONGS_AND_PIANO.data }).map(({ dataset }) => dataset)).toEqual(["songs", "piano"]);
  });

  it("returns the overall likelihood if the card has none per data set, and nothing if it has none at all", () => {
    const overall = { ...SONGS_AND_PIANO, evaluation: { nats_per_note: 2 } };
    expect(likelihoodsOf(overall).map(({ natsPerNote }) => natsPerNote)).toEqual([2]);
    expect(likelihoodsOf({ ...SONGS_AND_PIANO, evaluation: {} })).toEqual([]);
  });
});

describe("lowestNatsPerNote", () => {
  it("compares only likelihoods of the same data with the same limitation", () => {
    const lowest = lowestNatsPerNote([SONGS_AND_PIANO, cardWith({ songs: 6 }), cardWith({ songs: 1 }, "pitch symbols only")]);
    const lowestFor = (card: Card) => likelihoodsOf(card).map(({ comparisonKey }) => lowest.get(comparisonKey));
    expect(lowestFor(SONGS_AND_PIANO)).toEqual([4, 7]);
    expect(lowestFor(cardWith({ songs: 6 }))).toEqual([4]);
    expect(lowestFor(cardWith({ songs: 1 }, "pitch symbols only"))).toEqual([9]);
  });
});
