import { describe, expect, it } from "vitest";

import type { Event, Note } from "@/lib/api/wire";
import { hearAll, partOf, type Performance, SILENCE } from "@/lib/music/performance";

const note = (start: number): Note => [start, 240, 60, 90];
const notes = (seq: number, first: number, starts: number[], bars: number, epoch = "a"): Event => ({
  kind: "notes", epoch, seq, at: 0, melody: 0, first, notes: starts.map(note), bars,
});
const heard = (...events: Event[]): Performance => hearAll(SILENCE, events);

describe("a performance", () => {
  const story = [notes(1, 0, [0, 240], 0), notes(2, 2, [480], 1), notes(3, 3, [1920], 1)];

  it("grows note by note", () => {
    expect(partOf(heard(...story), 0)).toMatchObject({ notes: [0, 240, 480, 1920].map(note), bars: 1, id: null });
  });

  it("is not changed by what it has heard before", () => {
    expect(heard(...story, ...story)).toEqual(heard(...story));
    expect(heard(story[0] as Event, story[0] as Event, ...story.slice(1))).toEqual(heard(...story));
  });

  it("begins anew when the stream does, and ends the same", () => {
    const again = [notes(1, 0, [0, 240, 480, 1920], 1, "b")];
    const resync: Event = { kind: "resync_required", epoch: "b", seq: 0, at: 0 };
    expect(partOf(heard(...story, resync, ...again), 0)).toEqual(partOf(heard(...story), 0));
  });

  it("knows the melody once it is committed", () => {
    const committed: Event = { kind: "melody", epoch: "a", seq: 4, at: 0, melody: 0, id: "x", num_notes: 4, lowest: 55, highest: 67 };
    expect(partOf(heard(...story, committed), 0)).toMatchObject({ id: "x", gist: { numNotes: 4, lowest: 55, highest: 67 } });
  });
});
