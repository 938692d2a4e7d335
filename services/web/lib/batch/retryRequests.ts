// Requests for the melodies of a batch that are missing. Melody i has seed + i, so each run of missing
// melodies becomes one request, which generates exactly those melodies.
import type { GenerationRequest } from "@/lib/api/types";
import { type JobNotes, melodyAt } from "@/lib/music/jobNotes";

export function retryRequests(request: GenerationRequest, jobNotes: JobNotes): GenerationRequest[] {
  const requests: GenerationRequest[] = [];
  let lastMissing = -2;
  for (let index = 0; index < request.count; index++) {
    if (melodyAt(jobNotes, index).id !== null) continue;
    const run = requests.at(-1);
    if (run !== undefined && lastMissing === index - 1) run.count += 1;
    else requests.push({ ...request, seed: (request.seed ?? 0) + index, count: 1, priority: null });
    lastMissing = index;
  }
  return requests;
}
