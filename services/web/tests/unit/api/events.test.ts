import { describe, expect, it } from "vitest";

import { type EventTransport, followJob } from "@/lib/api/events";
import { Problem, unreachableProblem } from "@/lib/api/problem";
import type { Event } from "@/lib/api/types";

const EVENTS: Event[] = [
  { kind: "job", epoch: "a", seq: 1, at: 0, state: "running" },
  { kind: "notes", epoch: "a", seq: 2, at: 0, melody: 0, first: 0, notes: [[0, 240, 60, 90]], bars: 0 },
  { kind: "notes", epoch: "a", seq: 3, at: 0, melody: 0, first: 1, notes: [[240, 240, 62, 90]], bars: 1 },
  { kind: "job", epoch: "a", seq: 4, at: 0, state: "succeeded" },
];

/** Fails once with each of `errors`; then sends at most `maxEvents` events per connection. */
class FlakyTransport implements EventTransport {
  readonly positions: (string | null)[] = [];

  constructor(
    readonly maxEvents: number,
    readonly errors: Error[] = [],
  ) {}

  connect(_jobId: string, after: string | null, onEvent: (event: Event) => void): Promise<void> {
    this.positions.push(after);
    const error = this.errors.shift();
    if (error !== undefined) return Promise.reject(error);
    const numReceived = after === null ? 0 : Number(after.split(":")[1]);
    for (const event of EVENTS.slice(numReceived, numReceived + this.maxEvents)) onEvent(event);
    return Promise.resolve();
  }
}

async function receive(transport: EventTransport): Promise<Event[]> {
  const received: Event[] = [];
  await followJob("job", { onEvent: (event) => received.push(event) }, new AbortController().signal, transport);
  return received;
}

// Node has no window that receives "online" events.
Object.assign(globalThis, { addEventListener: () => undefined });

describe("followJob", () => {
  it("receives each event once, in order, across reconnections", async () => {
    const transport = new FlakyTransport(1);
    expect(await receive(transport)).toEqual(EVENTS);
    expect(transport.positions).toEqual([null, "a:1", "a:2", "a:3"]);
  });

  it("reconnects after transient errors", async () => {
    const transport = new FlakyTransport(4, [unreachableProblem(), new Problem("busy", "unavailable", 503)]);
    expect(await receive(transport)).toEqual(EVENTS);
  });

  it("throws if the gateway rejects the connection", async () => {
    await expect(receive(new FlakyTransport(4, [new Problem("no such job", "job_not_found", 404)]))).rejects.toThrow("no such job");
  });

  it("reports when the connection is lost and restored", async () => {
    const changes: boolean[] = [];
    const handlers = { onEvent: () => undefined, onConnectionChange: (isConnected: boolean) => changes.push(isConnected) };
    await followJob("job", handlers, new AbortController().signal, new FlakyTransport(2));
    expect(changes).toEqual([true, true, false, true, true]);
  });
});
