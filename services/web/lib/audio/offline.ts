// A room to render a piece in, in memory, with the same walls as the one that it is played in.
import { lengthOf, type Piece } from "@/lib/music/piece";
import { secondsPerTick } from "@/lib/music/time";

const SAMPLE_RATE = 44_100;
/** What rings on behind the last bar. */
const TAIL = 1.5;

export function offline(piece: Piece): { context: OfflineAudioContext; output: AudioNode; seconds: number } {
  const seconds = lengthOf(piece) * secondsPerTick(piece.tempo) + TAIL;
  const context = new OfflineAudioContext(2, Math.ceil(seconds * SAMPLE_RATE), SAMPLE_RATE);
  const output = new DynamicsCompressorNode(context, { threshold: -10, ratio: 6 });
  output.connect(context.destination);
  return { context, output, seconds };
}
