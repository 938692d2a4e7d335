// The comparison of the Compare page, kept in local storage.
import type { GenerationJob, ModelVersion } from "@/lib/api/types";

/** A version and its generation job. */
export interface CompareEntry {
  model: ModelVersion;
  job: GenerationJob;
}

const STORAGE_KEY = "ostinato.comparison";

export const loadComparison = (): readonly CompareEntry[] => JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]") as CompareEntry[];

export const saveComparison = (entries: readonly CompareEntry[]): void => localStorage.setItem(STORAGE_KEY, JSON.stringify(entries));
