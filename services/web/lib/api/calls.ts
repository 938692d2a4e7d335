// What the studio asks of the gateway, in the studio's words.
import { body, everything, gateway } from "./gateway";
import type { GenerationRequest, Job, Melody, MelodySummary, ModelVersion, Primer } from "./wire";

/** Asking twice for the same makes one job: a lost answer does no harm. */
export const generate = (request: GenerationRequest): Promise<Job> =>
  body(
    gateway.POST("/v1/generations", {
      body: request,
      params: { header: { "idempotency-key": crypto.randomUUID() } },
    }),
  );

export const getJob = (id: string): Promise<Job> =>
  body(gateway.GET("/v1/jobs/{job_id}", { params: { path: { job_id: id } } }));

export const cancel = (id: string): Promise<Job> =>
  body(gateway.POST("/v1/jobs/{job_id}/cancel", { params: { path: { job_id: id } } }));

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
  // openapi-fetch takes a note for any array of numbers
  body(gateway.GET("/v1/melodies/{melody_id}", { params: { path: { melody_id: id } } })) as Promise<Melody>;

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
