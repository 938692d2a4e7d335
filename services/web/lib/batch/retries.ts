// What a batch asked for and did not get, asked for again: melody i has seed + i, so each run of
// missing ones is a request of its own and gives the very melodies that failed.
import type { GenerationRequest } from "@/lib/api/wire";
import { partOf, type Performance } from "@/lib/music/performance";

export function retries(request: GenerationRequest, performance: Performance): GenerationRequest[] {
  const again: GenerationRequest[] = [];
  let last = -2;
  for (let index = 0; index < request.count; index++) {
    if (partOf(performance, index).id !== null) continue;
    const run = again.at(-1);
    if (run !== undefined && last === index - 1) run.count += 1;
    else again.push({ ...request, seed: (request.seed ?? 0) + index, count: 1, priority: null });
    last = index;
  }
  return again;
}
