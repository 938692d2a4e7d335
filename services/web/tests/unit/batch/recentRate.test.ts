import { expect, it } from "vitest";

import type { Batch } from "@/lib/api/types";
import { RecentRate } from "@/lib/batch/recentRate";

const batchOf = (succeeded: number, state: Batch["state"] = "running"): Batch => ({
  id: "018f0000-0000-7000-8000-00000000ba7c",
  state,
  counts: { total: 1000, queued: 1000 - succeeded, running: 0, succeeded, failed: 0, cancelled: 0, expired: 0 },
  metadata: {},
  melodies_per_second: 2.5,
  eta_seconds: 360,
  created_at: "2026-01-01T12:00:00Z",
});

const rates = ({ melodies_per_second, eta_seconds }: Batch) => [melodies_per_second, eta_seconds];

it("measures the rate of the last half minute", () => {
  const recent = new RecentRate();
  expect(rates(recent.apply(batchOf(100), 1000))).toEqual([2.5, 360]); // the gateway's
  expect(rates(recent.apply(batchOf(300), 1010))).toEqual([20, 35]);
  expect(rates(recent.apply(batchOf(390), 1040))).toEqual([3, 610 / 3]);
  expect(rates(recent.apply(batchOf(390), 1070))).toEqual([0, null]);
});

it("does not count a pause", () => {
  const recent = new RecentRate();
  recent.apply(batchOf(100), 0);
  recent.apply(batchOf(100, "paused"), 5);
  recent.apply(batchOf(100), 20);
  expect(rates(recent.apply(batchOf(200), 30))).toEqual([10, 80]);
});

it("starts again with another batch", () => {
  const recent = new RecentRate();
  recent.apply(batchOf(100), 0);
  expect(rates(recent.apply({ ...batchOf(900), id: "another" }, 10))).toEqual([2.5, 360]);
});
