// Addresses of the sound font's files, and the download of the font, which the browser caches.
import { toProblem, unreachableProblem } from "./problem";

export const WORKLET_URL = "/sound/spessasynth_processor.min.js";
const SOUND_FONT_URL = "/sound/FluidR3Mono_GM.sf3";

export async function fetchSoundFont(): Promise<ArrayBuffer> {
  const response = await fetch(SOUND_FONT_URL).catch(() => {
    throw unreachableProblem();
  });
  if (!response.ok) throw toProblem(null, response.status);
  return response.arrayBuffer();
}
