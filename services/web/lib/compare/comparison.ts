// What several versions were asked for together, over a reload of this browser's page.
import type { Job, ModelVersion } from "@/lib/api/wire";

/** A version, and the job that it was given. */
export interface Asked {
  model: ModelVersion;
  job: Job;
}

const KEPT = "ostinato.compare";

export const openComparison = (): readonly Asked[] => JSON.parse(localStorage.getItem(KEPT) ?? "[]") as Asked[];

export const keepComparison = (asked: readonly Asked[]): void => localStorage.setItem(KEPT, JSON.stringify(asked));
