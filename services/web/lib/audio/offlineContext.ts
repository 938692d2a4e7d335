// An offline audio context for rendering a clip, with the compressor of playback.
import { type Clip, lengthInTicks, temposOf } from "@/lib/music/clip";
import { secondsAt } from "@/lib/music/time";

const SAMPLE_RATE = 44_100;
/** Seconds after the last bar, for notes to fade out. */
const RELEASE_TAIL = 1.5;

export function createOfflineContext(clip: Clip): { context: OfflineAudioContext; output: AudioNode; seconds: number } {
  const seconds = secondsAt(temposOf(clip), lengthInTicks(clip)) + RELEASE_TAIL;
  const context = new OfflineAudioContext(2, Math.ceil(seconds * SAMPLE_RATE), SAMPLE_RATE);
  const output = new DynamicsCompressorNode(context, { threshold: -10, ratio: 6 });
  output.connect(context.destination);
  return { context, output, seconds };
}
