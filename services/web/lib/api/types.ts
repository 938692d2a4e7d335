// Short names for the types of the OpenAPI document, which `npm run types` generates.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Batch = Schemas["Batch"];
export type BatchCounts = Schemas["BatchCounts"];
export type BatchRequest = Schemas["BatchRequest"];
export type Capabilities = Schemas["Capabilities"];
export type Dataset = Schemas["Dataset"];
export type EngravingRequest = Schemas["EngravingRequest"];
export type Event = Schemas["Event"];
export type GenerationRequest = Schemas["GenerationRequest"];
export type GenerationJob = Schemas["GenerationJob"];
export type Identity = Schemas["Identity"];
export type InvalidLines = Schemas["InvalidLines"];
export type JobState = Schemas["JobState"];
export type Melody = Schemas["Melody"];
export type MelodySummary = Schemas["MelodySummary"];
export type Metre = Schemas["Metre"];
export type ModelVersion = Schemas["ModelVersion"];
export type Note = Schemas["Note"];
export type Primer = Schemas["Primer"];
export type PrimerScore = Schemas["PrimerScore"];
export type Scope = Schemas["Scope"];
export type ResolvedSampling = Schemas["ResolvedSampling"];
export type Sampling = Schemas["Sampling"];
export type TempoMark = Schemas["TempoMark"];
export type Training = Schemas["Training"];
export type TrainingMetrics = Schemas["TrainingMetrics"];
export type TrainingRequest = Schemas["TrainingRequest"];

const TERMINAL_STATES: readonly JobState[] = ["succeeded", "partial", "failed", "cancelled", "expired"];

/** The versions that workers serve, the default of the gateway first: a form selects the first one. */
export const promotedModels = (models: readonly ModelVersion[] | undefined): ModelVersion[] =>
  (models ?? [])
    .filter(({ promoted_at }) => promoted_at !== null)
    .sort((a, b) => Number(b.is_default) - Number(a.is_default));

export const isTerminal = (state: JobState): boolean => TERMINAL_STATES.includes(state);
