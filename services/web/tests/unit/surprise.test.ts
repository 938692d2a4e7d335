import { describe, expect, it } from "vitest";

import type { ModelVersion } from "@/lib/api/wire";
import { leastOf, surprisesOf } from "@/lib/models/surprise";

const model = (sets: Record<string, number>, note?: string): ModelVersion =>
  ({
    data: { sets: Object.keys(sets).map((name) => ({ name })) },
    evaluation: {
      nats_per_note: 9,
      note,
      by_set: Object.fromEntries(Object.entries(sets).map(([name, nats_per_note]) => [name, { nats_per_note }])),
    },
  }) as unknown as ModelVersion;
const both = model({ songs: 4, piano: 7 });

describe("how surprised a version is", () => {
  it("is one number where it learnt from one set", () => {
    expect(surprisesOf(model({ songs: 9 })).map(({ set, natsPerNote }) => [set, natsPerNote])).toEqual([[null, 9]]);
  });

  it("is a number a set where it learnt from several, and never their mixture", () => {
    expect(surprisesOf(both).map(({ set, natsPerNote }) => [set, natsPerNote])).toEqual([["songs", 4], ["piano", 7]]);
  });

  it("comes in the order in which the card lists the sets", () => {
    const { data, evaluation } = both;
    const turned = { songs: { nats_per_note: 4 }, piano: { nats_per_note: 7 } };
    const card = { ...both, data: { sets: [{ name: "piano" }, { name: "songs" }] }, evaluation: { ...evaluation, by_set: turned } };
    expect(surprisesOf(card).map(({ set }) => set)).toEqual(["piano", "songs"]);
    expect(surprisesOf({ ...card, data }).map(({ set }) => set)).toEqual(["songs", "piano"]);
  });

  it("is the whole where the card tells no sets apart, and nothing where it says nothing", () => {
    const bare = { ...both, evaluation: { nats_per_note: 2 } };
    expect(surprisesOf(bare).map(({ natsPerNote }) => natsPerNote)).toEqual([2]);
    expect(surprisesOf({ ...both, evaluation: {} })).toEqual([]);
  });

  it("is compared on the same music alone", () => {
    const least = leastOf([both, model({ songs: 6 }), model({ songs: 1 }, "pitch symbols only")]);
    const [songs, piano] = surprisesOf(both).map(({ kind }) => least.get(kind));
    expect([songs, piano]).toEqual([4, 7]);
    expect(surprisesOf(model({ songs: 1 }, "pitch symbols only")).map(({ note }) => note)).toEqual(["pitch symbols only"]);
    expect(surprisesOf(model({ songs: 6 })).map(({ kind }) => least.get(kind))).toEqual([4]);
  });
});
