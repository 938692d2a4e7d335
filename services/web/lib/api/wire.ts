// The gateway's shapes under their own names. They are generated: see `npm run types`.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Capabilities = Schemas["Capabilities"];
export type Dataset = Schemas["Dataset"];
export type EngravingRequest = Schemas["EngravingRequest"];
export type Event = Schemas["Event"];
export type GenerationRequest = Schemas["GenerationRequest"];
export type Job = Schemas["Job"];
export type JobState = Schemas["JobState"];
export type Melody = Schemas["Melody"];
export type MelodySummary = Schemas["MelodySummary"];
export type ModelVersion = Schemas["ModelVersion"];
export type Note = Schemas["Note"];
export type Primer = Schemas["Primer"];
export type Sampling = Schemas["Sampling"];
export type Training = Schemas["Training"];
export type TrainingPoint = Schemas["TrainingPoint"];
export type TrainingRequest = Schemas["TrainingRequest"];

const ENDED: readonly JobState[] = ["succeeded", "partial", "failed", "cancelled"];

/** What can be asked for, longest here first: a version that was promoted a minute ago is no default. */
export const playableOf = (models: readonly ModelVersion[] | undefined): ModelVersion[] =>
  (models ?? [])
    .filter(({ promoted_at }) => promoted_at !== null)
    .sort((a, b) => Date.parse(a.promoted_at ?? "") - Date.parse(b.promoted_at ?? ""));

export const hasEnded = (state: JobState): boolean => ENDED.includes(state);
