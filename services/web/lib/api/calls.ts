// What the studio asks of the gateway, in the studio's words.
import { follow } from "./events";
import { body, everything, gateway } from "./gateway";
import { Problem } from "./problem";
import type {
  Dataset,
  EngravingRequest,
  GenerationRequest,
  Job,
  Melody,
  MelodySummary,
  ModelVersion,
  Primer,
  Training,
  TrainingPoint,
  TrainingRequest,
} from "./wire";

const LONGEST_ENGRAVING = 120_000;

/** What is asked again because the answer was lost has the same key, and so makes no second job. */
async function once<T>(ask: (params: { header: { "idempotency-key": string } }) => Promise<T>): Promise<T> {
  const params = { header: { "idempotency-key": crypto.randomUUID() } };
  try {
    return await ask(params);
  } catch (problem) {
    if (!(problem instanceof Problem) || !problem.isUnreachable) throw problem;
    return ask(params);
  }
}

export const generate = (request: GenerationRequest): Promise<Job> =>
  once((params) => body(gateway.POST("/v1/generations", { body: request, params })));

export const getJob = (id: string): Promise<Job> =>
  body(gateway.GET("/v1/jobs/{job_id}", { params: { path: { job_id: id } } }));

/** Nothing more of a job is written; that it has ended meanwhile is as good. */
export const cancel = async (id: string): Promise<void> => {
  try {
    await body(gateway.POST("/v1/jobs/{job_id}/cancel", { params: { path: { job_id: id } } }));
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.code !== "conflict") throw problem;
  }
};

/** Sheet music of notes, when it is set; that takes seconds. */
export const engrave = async (request: EngravingRequest): Promise<Blob> => {
  const { id } = await body(gateway.POST("/v1/engravings", { body: request }));
  await follow(id, { hear: () => undefined }, AbortSignal.timeout(LONGEST_ENGRAVING));
  const path = { engraving_id: id };
  return body<Blob>(gateway.GET("/v1/engravings/{engraving_id}.musicxml", { params: { path }, parseAs: "blob" }));
};

export const postPrimer = (midi: BodyInit): Promise<Primer> =>
  body(
    gateway.POST("/v1/primers", {
      body: "", // OpenAPI knows binary bodies as strings
      bodySerializer: () => midi,
      headers: { "content-type": "audio/midi" },
    }),
  );

export const listModels = async (): Promise<ModelVersion[]> => (await body(gateway.GET("/v1/models"))).items;

export const getMelody = (id: string): Promise<Melody> =>
  body(gateway.GET("/v1/melodies/{melody_id}", { params: { path: { melody_id: id } } }));

export const melodiesOf = (jobId: string): Promise<MelodySummary[]> =>
  everything((cursor) =>
    body(
      gateway.GET("/v1/jobs/{job_id}/melodies", {
        params: { path: { job_id: jobId }, query: { cursor, limit: 200 } },
      }),
    ),
  );

export const getMidi = (id: string): Promise<Blob> =>
  body<Blob>(gateway.GET("/v1/melodies/{melody_id}.mid", { params: { path: { melody_id: id } }, parseAs: "blob" }));

export const promote = (version: string, sha256: string): Promise<ModelVersion> =>
  body(gateway.POST("/v1/models/{version}/promote", { params: { path: { version }, query: { sha256 } } }));

export const pageOfMelodies = (cursor: string | null, favourites: boolean) =>
  body(gateway.GET("/v1/melodies", { params: { query: { cursor, favourites, limit: 30 } } }));

export const setFavourite = (id: string, isFavourite: boolean): Promise<MelodySummary> => {
  const params = { path: { melody_id: id } };
  return isFavourite
    ? body(gateway.PUT("/v1/melodies/{melody_id}/favourite", { params }))
    : body(gateway.DELETE("/v1/melodies/{melody_id}/favourite", { params }));
};

export const pageOfJobs = (limit: number) => body(gateway.GET("/v1/jobs", { params: { query: { limit } } }));

/** Every MIDI file of a job that is there so far. */
export const getArchive = (jobId: string): Promise<Blob> =>
  body<Blob>(gateway.GET("/v1/jobs/{job_id}/archive.zip", { params: { path: { job_id: jobId } }, parseAs: "blob" }));

export const listDatasets = async (): Promise<Dataset[]> => (await body(gateway.GET("/v1/datasets"))).items;

/** A zip of MIDI files; it is read afterwards. */
export const postDataset = (name: string, zip: Blob): Promise<Dataset> =>
  body(
    gateway.POST("/v1/datasets", {
      params: { query: { name } },
      body: "", // OpenAPI knows binary bodies as strings
      bodySerializer: () => zip,
      headers: { "content-type": "application/zip" },
    }),
  );

export const train = (request: TrainingRequest): Promise<Training> =>
  once((params) => body(gateway.POST("/v1/trainings", { body: request, params })));

export const listTrainings = async (): Promise<Training[]> => (await body(gateway.GET("/v1/trainings"))).items;

export const listRecipes = () => body(gateway.GET("/v1/trainings/recipes"));

export const curveOf = (id: string): Promise<TrainingPoint[]> =>
  everything((cursor) =>
    body(
      gateway.GET("/v1/trainings/{training_id}/metrics", {
        params: { path: { training_id: id }, query: { cursor, limit: 200 } },
      }),
    ),
  );

export const pauseTraining = (id: string): Promise<Training> =>
  body(gateway.POST("/v1/trainings/{training_id}/pause", { params: { path: { training_id: id } } }));

export const resumeTraining = (id: string): Promise<Training> =>
  body(gateway.POST("/v1/trainings/{training_id}/resume", { params: { path: { training_id: id } } }));

export const cancelTraining = (id: string): Promise<Training> =>
  body(gateway.POST("/v1/trainings/{training_id}/cancel", { params: { path: { training_id: id } } }));
