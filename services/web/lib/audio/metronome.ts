// The metronome click, higher on downbeats.
import type { ScheduledClick } from "./schedule";

const CLICK_SECONDS = 0.04;

export function playClick(context: BaseAudioContext, output: AudioNode, { at, isDownbeat }: ScheduledClick): void {
  const oscillator = new OscillatorNode(context, { type: "square", frequency: isDownbeat ? 1760 : 1174 });
  const envelope = new GainNode(context, { gain: 0.12 });
  envelope.gain.setValueAtTime(0.12, at);
  envelope.gain.exponentialRampToValueAtTime(0.001, at + CLICK_SECONDS);
  oscillator.connect(envelope).connect(output);
  oscillator.start(at);
  oscillator.stop(at + CLICK_SECONDS);
}
