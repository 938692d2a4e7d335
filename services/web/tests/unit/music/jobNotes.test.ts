import { describe, expect, it } from "vitest";

import type { Event, Note } from "@/lib/api/types";
import { applyEvents, EMPTY, type JobNotes, melodyAt } from "@/lib/music/jobNotes";

const note = (start: number): Note => [start, 240, 60, 90];
const notesEvent = (seq: number, first: number, starts: number[], bars: number, epoch = "a"): Event => ({
  kind: "notes", epoch, seq, at: 0, melody: 0, first, notes: starts.map(note), bars,
});
const after = (...events: Event[]): JobNotes => applyEvents(EMPTY, events);

describe("applyEvents", () => {
  const events = [notesEvent(1, 0, [0, 240], 0), notesEvent(2, 2, [480], 1), notesEvent(3, 3, [1920], 1)];

  it("appends the notes of each event", () => {
    expect(melodyAt(after(...events), 0)).toMatchObject({ notes: [0, 240, 480, 1920].map(note), bars: 1, id: null });
  });

  it("ignores events that are already applied", () => {
    expect(after(...events, ...events)).toEqual(after(...events));
    expect(after(events[0] as Event, events[0] as Event, ...events.slice(1))).toEqual(after(...events));
  });

  it("starts again with a new epoch, with the same result", () => {
    const rebuilt = notesEvent(1, 0, [0, 240, 480, 1920], 1, "b");
    const resync: Event = { kind: "resync_required", epoch: "b", seq: 0, at: 0 };
    expect(melodyAt(after(...events, resync, rebuilt), 0)).toEqual(melodyAt(after(...events), 0));
  });

  it("records the id and the statistics of a committed melody", () => {
    const committed: Event = { kind: "melody", epoch: "a", seq: 4, at: 0, melody: 0, id: "x", num_notes: 4, lowest_pitch: 55, highest_pitch: 67, partial: false };
    expect(melodyAt(after(...events, committed), 0)).toMatchObject({ id: "x", isPartial: false, stats: { numNotes: 4, lowestPitch: 55, highestPitch: 67 } });
  });

  it("says that a melody was interrupted, and how many bars are complete", () => {
    const stopped: Event = { kind: "melody", epoch: "a", seq: 4, at: 0, melody: 0, id: "x", num_notes: 3, lowest_pitch: 60, highest_pitch: 60, partial: true };
    expect(melodyAt(after(...events, stopped), 0)).toMatchObject({ id: "x", isPartial: true, bars: 1 });
  });
});
