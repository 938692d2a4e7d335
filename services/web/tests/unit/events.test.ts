import { describe, expect, it } from "vitest";

import { follow, type Line } from "@/lib/api/events";
import { Problem, unreachable } from "@/lib/api/problem";
import type { Event } from "@/lib/api/wire";

const story: Event[] = [
  { kind: "job", epoch: "a", seq: 1, at: 0, state: "running" },
  { kind: "notes", epoch: "a", seq: 2, at: 0, melody: 0, first: 0, notes: [[0, 240, 60, 90]], bars: 0 },
  { kind: "notes", epoch: "a", seq: 3, at: 0, melody: 0, first: 1, notes: [[240, 240, 62, 90]], bars: 1 },
  { kind: "job", epoch: "a", seq: 4, at: 0, state: "succeeded" },
];

/** Tells the story from where the listener is, and breaks after so many events each time. */
class Breaking implements Line {
  readonly asked: (string | null)[] = [];
  constructor(readonly most: number, readonly failures: Error[] = []) {}

  listen(_job: string, after: string | null, hear: (event: Event) => void): Promise<void> {
    this.asked.push(after);
    const failure = this.failures.shift();
    if (failure !== undefined) return Promise.reject(failure);
    const seen = after === null ? 0 : Number(after.split(":")[1]);
    for (const event of story.slice(seen, seen + this.most)) hear(event);
    return Promise.resolve();
  }
}

async function listen(line: Line): Promise<Event[]> {
  const heard: Event[] = [];
  await follow("job", { hear: (event) => heard.push(event) }, new AbortController().signal, line);
  return heard;
}

// Node has no window to tell that the network is back.
Object.assign(globalThis, { addEventListener: () => undefined });

describe("following a job", () => {
  it("hears each event once, in order, over many connections", async () => {
    const line = new Breaking(1);
    expect(await listen(line)).toEqual(story);
    expect(line.asked).toEqual([null, "a:1", "a:2", "a:3"]);
  });

  it("comes back when the gateway cannot be reached", async () => {
    const line = new Breaking(4, [unreachable(), new Problem("busy", "unavailable", 503)]);
    expect(await listen(line)).toEqual(story);
  });

  it("gives up when the gateway refuses", async () => {
    await expect(listen(new Breaking(4, [new Problem("no such job", "job_not_found", 404)]))).rejects.toThrow("no such job");
  });

  it("says when the connection is lost and when it is back", async () => {
    const said: boolean[] = [];
    await follow("job", { hear: () => undefined, connected: (is) => said.push(is) }, new AbortController().signal, new Breaking(2));
    expect(said).toEqual([true, true, false, true, true]);
  });
});
