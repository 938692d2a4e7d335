// The endpoints of the gateway that the studio calls, one function each.
import { client, fetchAllPages, unwrap } from "./client";
import { followJob } from "./events";
import { Problem } from "./problem";
import type {
  Dataset,
  EngravingRequest,
  GenerationRequest,
  GenerationJob,
  Melody,
  MelodySummary,
  ModelVersion,
  Primer,
  Training,
  TrainingMetrics,
  TrainingRequest,
} from "./types";

const ENGRAVING_TIMEOUT_MS = 120_000;

/** Retries once with the same idempotency key if no response arrives, so that no second job is created. */
async function withIdempotencyKey<T>(send: (params: { header: { "idempotency-key": string } }) => Promise<T>): Promise<T> {
  const params = { header: { "idempotency-key": crypto.randomUUID() } };
  try {
    return await send(params);
  } catch (error) {
    if (!(error instanceof Problem) || !error.isUnreachable) throw error;
    return send(params);
  }
}

export const generate = (request: GenerationRequest): Promise<GenerationJob> =>
  withIdempotencyKey((params) => unwrap(client.POST("/v1/generations", { body: request, params })));

export const getJob = (id: string): Promise<GenerationJob> =>
  unwrap(client.GET("/v1/jobs/{job_id}", { params: { path: { job_id: id } } }));

/** Cancels a job; does nothing if the job has already ended. */
export const cancelJob = async (id: string): Promise<void> => {
  try {
    await unwrap(client.POST("/v1/jobs/{job_id}/cancel", { params: { path: { job_id: id } } }));
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "conflict") throw error;
  }
};

/** Engraves notes as MusicXML, which takes seconds. */
export const engrave = async (request: EngravingRequest): Promise<Blob> => {
  const { id } = await unwrap(client.POST("/v1/engravings", { body: request }));
  await followJob(id, { onEvent: () => undefined }, AbortSignal.timeout(ENGRAVING_TIMEOUT_MS));
  const path = { engraving_id: id };
  return unwrap<Blob>(client.GET("/v1/engravings/{engraving_id}.musicxml", { params: { path }, parseAs: "blob" }));
};

export const uploadPrimer = (midi: BodyInit): Promise<Primer> =>
  unwrap(
    client.POST("/v1/primers", {
      body: "", // OpenAPI types binary bodies as strings
      bodySerializer: () => midi,
      headers: { "content-type": "audio/midi" },
    }),
  );

export const listModels = async (): Promise<ModelVersion[]> => (await unwrap(client.GET("/v1/models"))).items;

export const getMelody = (id: string): Promise<Melody> =>
  unwrap(client.GET("/v1/melodies/{melody_id}", { params: { path: { melody_id: id } } }));

export const listJobMelodies = (jobId: string): Promise<MelodySummary[]> =>
  fetchAllPages((cursor) =>
    unwrap(
      client.GET("/v1/jobs/{job_id}/melodies", {
        params: { path: { job_id: jobId }, query: { cursor, limit: 200 } },
      }),
    ),
  );

export const getMidi = (id: string): Promise<Blob> =>
  unwrap<Blob>(client.GET("/v1/melodies/{melody_id}.mid", { params: { path: { melody_id: id } }, parseAs: "blob" }));

export const promote = (version: string, sha256: string): Promise<ModelVersion> =>
  unwrap(client.POST("/v1/models/{version}/promote", { params: { path: { version }, query: { sha256 } } }));

export const listMelodies = (cursor: string | null, favourites: boolean) =>
  unwrap(client.GET("/v1/melodies", { params: { query: { cursor, favourites, limit: 30 } } }));

export const setFavourite = (id: string, isFavourite: boolean): Promise<MelodySummary> => {
  const params = { path: { melody_id: id } };
  return isFavourite
    ? unwrap(client.PUT("/v1/melodies/{melody_id}/favourite", { params }))
    : unwrap(client.DELETE("/v1/melodies/{melody_id}/favourite", { params }));
};

export const listJobs = (limit: number) => unwrap(client.GET("/v1/jobs", { params: { query: { limit } } }));

/** A zip of the MIDI files that a job has finished so far. */
export const getArchive = (jobId: string): Promise<Blob> =>
  unwrap<Blob>(client.GET("/v1/jobs/{job_id}/archive.zip", { params: { path: { job_id: jobId } }, parseAs: "blob" }));

export const listDatasets = async (): Promise<Dataset[]> => (await unwrap(client.GET("/v1/datasets"))).items;

/** Uploads a zip of MIDI files; the trainer imports it afterwards. */
export const uploadDataset = (name: string, zip: Blob): Promise<Dataset> =>
  unwrap(
    client.POST("/v1/datasets", {
      params: { query: { name } },
      body: "", // OpenAPI types binary bodies as strings
      bodySerializer: () => zip,
      headers: { "content-type": "application/zip" },
    }),
  );

export const createTraining = (request: TrainingRequest): Promise<Training> =>
  withIdempotencyKey((params) => unwrap(client.POST("/v1/trainings", { body: request, params })));

export const listTrainings = async (): Promise<Training[]> => (await unwrap(client.GET("/v1/trainings"))).items;

export const listRecipes = () => unwrap(client.GET("/v1/trainings/recipes"));

export const getTrainingMetrics = (id: string): Promise<TrainingMetrics[]> =>
  fetchAllPages((cursor) =>
    unwrap(
      client.GET("/v1/trainings/{training_id}/metrics", {
        params: { path: { training_id: id }, query: { cursor, limit: 200 } },
      }),
    ),
  );

export const pauseTraining = (id: string): Promise<Training> =>
  unwrap(client.POST("/v1/trainings/{training_id}/pause", { params: { path: { training_id: id } } }));

export const resumeTraining = (id: string): Promise<Training> =>
  unwrap(client.POST("/v1/trainings/{training_id}/resume", { params: { path: { training_id: id } } }));

export const cancelTraining = (id: string): Promise<Training> =>
  unwrap(client.POST("/v1/trainings/{training_id}/cancel", { params: { path: { training_id: id } } }));
