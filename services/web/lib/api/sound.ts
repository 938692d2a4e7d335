// The sound font, fetched when it is first needed; the browser keeps it.
import { problemOf, unreachable } from "./problem";

export const WORKLET = "/sound/spessasynth_processor.min.js";
const FONT = "/sound/FluidR3Mono_GM.sf3";

export async function getFont(): Promise<ArrayBuffer> {
  const answer = await fetch(FONT).catch(() => {
    throw unreachable();
  });
  if (!answer.ok) throw problemOf(null, answer.status);
  return answer.arrayBuffer();
}
