// The rate of a batch that a page watches. The gateway's rate is the average since the start, in which pauses and outages count.
import type { Batch } from "@/lib/api/types";

const WINDOW_SECONDS = 30;
/** Below this time of observation the gateway's rate is shown. */
const MIN_SECONDS = 5;

export class RecentRate {
  private id = "";
  private seen: { at: number; succeeded: number }[] = [];

  /** The batch at a time in seconds, with its recent rate, and the remaining time at it, once they are known. */
  apply(batch: Batch, at: number): Batch {
    const { succeeded, queued, running } = batch.counts;
    if (batch.state !== "running" || batch.id !== this.id) this.seen = [];
    this.id = batch.id;
    if (batch.state !== "running") return batch;
    this.seen = [...this.seen, { at, succeeded }].filter((entry) => at - entry.at <= WINDOW_SECONDS);
    const first = this.seen[0];
    if (first === undefined || at - first.at < MIN_SECONDS) return batch;
    const rate = (succeeded - first.succeeded) / (at - first.at);
    return { ...batch, melodies_per_second: rate, eta_seconds: rate > 0 ? (queued + running) / rate : null };
  }
}
