// The metronome click, higher on downbeats.
import type { ScheduledClick } from "./schedule";

const CLICK_SECONDS = 0.04;

export function playClick(context: BaseAudioContext, output: AudioNode, { startsAt, isDownbeat }: ScheduledClick): void {
  const oscillator = new OscillatorNode(context, { type: "square", frequency: isDownbeat ? 1760 : 1174 });
  const envelope = new GainNode(context, { gain: 0.12 });
  envelope.gain.setValueAtTime(0.12, startsAt);
  envelope.gain.exponentialRampToValueAtTime(0.001, startsAt + CLICK_SECONDS);
  oscillator.connect(envelope).connect(output);
  oscillator.start(startsAt);
  oscillator.stop(startsAt + CLICK_SECONDS);
}
