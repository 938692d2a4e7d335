// Requests for the missing melodies of a job. Melody i has seed + i, so one request can generate
// exactly the melodies of a range; each range of missing melodies becomes one request.
import type { GenerationRequest } from "@/lib/api/types";
import { type JobNotes, melodyAt } from "@/lib/music/jobNotes";

export function retryRequests(request: GenerationRequest, jobNotes: JobNotes): GenerationRequest[] {
  const requests: GenerationRequest[] = [];
  let lastMissing = -2;
  for (let index = 0; index < request.count; index++) {
    const { id, isPartial } = melodyAt(jobNotes, index);
    if (id !== null && !isPartial) continue;
    const last = requests.at(-1);
    if (last !== undefined && lastMissing === index - 1) last.count += 1;
    else requests.push({ ...request, seed: (request.seed ?? 0) + index, count: 1, priority: null });
    lastMissing = index;
  }
  return requests;
}
