// The endpoints of the gateway that the studio calls, one function each.
import { client, fetchAllPages, unwrap } from "./client";
import { followJob } from "./events";
import { Problem } from "./problem";
import type { Origin } from "@/lib/music/clip";

import type {
  Batch,
  BatchRequest,
  Dataset,
  EngravingRequest,
  GenerationRequest,
  GenerationJob,
  Identity,
  InvalidLines,
  Melody,
  MelodySummary,
  ModelVersion,
  Primer,
  PrimerScore,
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

/** Bars of a file, counted from 0; null: up to the last one. */
export interface BarSelection {
  first: number;
  last: number | null;
}

/** Uploads a file, or some of its bars. */
export const uploadPrimer = (midi: BodyInit, bars: BarSelection = { first: 0, last: null }): Promise<Primer> =>
  unwrap(
    client.POST("/v1/primers", {
      params: { query: { from_bar: bars.first, to_bar: bars.last } },
      body: "", // OpenAPI types binary bodies as strings
      bodySerializer: () => midi,
      headers: { "content-type": "audio/midi" },
    }),
  );

export const getPrimerScore = (id: string): Promise<PrimerScore> =>
  unwrap(client.GET("/v1/primers/{primer_id}/score", { params: { path: { primer_id: id } } }));

export const listModels = async (): Promise<ModelVersion[]> => (await unwrap(client.GET("/v1/models"))).items;

export const getMelody = (id: string, signal?: AbortSignal): Promise<Melody> =>
  unwrap(client.GET("/v1/melodies/{melody_id}", { params: { path: { melody_id: id } }, ...(signal === undefined ? {} : { signal }) }));

export const listJobMelodies = (jobId: string): Promise<MelodySummary[]> =>
  fetchAllPages((cursor) =>
    unwrap(
      client.GET("/v1/jobs/{job_id}/melodies", {
        params: { path: { job_id: jobId }, query: { cursor, limit: 200 } },
      }),
    ),
  );

/** The MIDI file of a melody or of an uploaded file. */
export const getMidi = ({ kind, id }: Origin): Promise<Blob> =>
  kind === "melody"
    ? unwrap<Blob>(client.GET("/v1/melodies/{melody_id}.mid", { params: { path: { melody_id: id } }, parseAs: "blob" }))
    : unwrap<Blob>(client.GET("/v1/primers/{primer_id}.mid", { params: { path: { primer_id: id } }, parseAs: "blob" }));

export const promote = (version: string, sha256: string): Promise<ModelVersion> =>
  unwrap(client.POST("/v1/models/{version}/promote", { params: { path: { version }, query: { sha256 } } }));

/** Lets everybody use a version that a client trained. */
export const publish = (version: string): Promise<ModelVersion> =>
  unwrap(client.POST("/v1/models/{version}/publish", { params: { path: { version } } }));

export const getIdentity = (): Promise<Identity> => unwrap(client.GET("/v1/me"));

export const listMelodies = (cursor: string | null, favourites: boolean) =>
  unwrap(client.GET("/v1/melodies", { params: { query: { cursor, favourites, limit: 30 } } }));

export const setFavourite = (id: string, isFavourite: boolean): Promise<MelodySummary> => {
  const params = { path: { melody_id: id } };
  return isFavourite
    ? unwrap(client.PUT("/v1/melodies/{melody_id}/favourite", { params }))
    : unwrap(client.DELETE("/v1/melodies/{melody_id}/favourite", { params }));
};

/** Deletes a melody; its job must have ended. */
export const deleteMelody = async (id: string): Promise<void> => {
  await client.DELETE("/v1/melodies/{melody_id}", { params: { path: { melody_id: id } } });
};

export const submitBatch = (request: BatchRequest): Promise<Batch> =>
  withIdempotencyKey((params) => unwrap(client.POST("/v1/batches", { body: request, params })));

/** The largest file of requests that the gateway accepts. */
const MAX_BATCH_MB = 50;

/** Uploads a file with one request a line; the browser reads it while it is sent. */
export const submitBatchFile = async (lines: File, invalidLines: InvalidLines, metadata: Record<string, string>): Promise<Batch> => {
  if (lines.size > MAX_BATCH_MB * 1e6)
    throw new Error(`${lines.name} has ${Math.ceil(lines.size / 1e6)} MB, and a batch has at most ${MAX_BATCH_MB} MB: split the file.`);
  return withIdempotencyKey(({ header }) =>
    unwrap(
      client.POST("/v1/batches", {
        params: { header, query: { invalid_lines: invalidLines, metadata: JSON.stringify(metadata) } },
        body: "", // OpenAPI types binary bodies as strings
        bodySerializer: () => lines,
        headers: { "content-type": "application/x-ndjson" },
      }),
    ),
  );
};

export const getBatch = (id: string): Promise<Batch> => unwrap(client.GET("/v1/batches/{batch_id}", { params: { path: { batch_id: id } } }));

export const listBatches = (cursor: string | null) => unwrap(client.GET("/v1/batches", { params: { query: { cursor, limit: 20 } } }));

export const listBatchErrors = (id: string, cursor: string | null) =>
  unwrap(client.GET("/v1/batches/{batch_id}/errors", { params: { path: { batch_id: id }, query: { cursor, limit: 50 } } }));

/** The finished melodies with an index above `after`, in order. */
export const listBatchMelodies = async (id: string, after: number, limit: number): Promise<MelodySummary[]> => {
  const query = { cursor: after < 0 ? null : String(after), limit };
  return (await unwrap(client.GET("/v1/batches/{batch_id}/melodies", { params: { path: { batch_id: id }, query } }))).items;
};

export const listAllBatchMelodies = (id: string): Promise<MelodySummary[]> =>
  fetchAllPages((cursor) =>
    unwrap(client.GET("/v1/batches/{batch_id}/melodies", { params: { path: { batch_id: id }, query: { cursor, limit: 200 } } })),
  );

export const pauseBatch = (id: string): Promise<Batch> =>
  unwrap(client.POST("/v1/batches/{batch_id}/pause", { params: { path: { batch_id: id } } }));

export const resumeBatch = (id: string): Promise<Batch> =>
  unwrap(client.POST("/v1/batches/{batch_id}/resume", { params: { path: { batch_id: id } } }));

export const cancelBatch = (id: string): Promise<Batch> =>
  unwrap(client.POST("/v1/batches/{batch_id}/cancel", { params: { path: { batch_id: id } } }));

/** Requests what failed in a batch again, as a new batch. */
export const retryBatch = (id: string): Promise<Batch> =>
  withIdempotencyKey(({ header }) => unwrap(client.POST("/v1/batches/{batch_id}/retry", { params: { header, path: { batch_id: id } } })));

/** A zip of the MIDI files that a batch has finished so far, with a manifest. */
export const getBatchArchive = (id: string): Promise<Blob> =>
  unwrap<Blob>(client.GET("/v1/batches/{batch_id}/archive.zip", { params: { path: { batch_id: id } }, parseAs: "blob" }));

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
