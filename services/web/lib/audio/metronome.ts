// A metronome's click: short, high, higher on the downbeat.
import type { Click } from "./schedule";

const SECONDS = 0.04;

export function click(context: BaseAudioContext, output: AudioNode, { at, isDownbeat }: Click): void {
  const oscillator = new OscillatorNode(context, { type: "square", frequency: isDownbeat ? 1760 : 1174 });
  const envelope = new GainNode(context, { gain: 0.12 });
  envelope.gain.setValueAtTime(0.12, at);
  envelope.gain.exponentialRampToValueAtTime(0.001, at + SECONDS);
  oscillator.connect(envelope).connect(output);
  oscillator.start(at);
  oscillator.stop(at + SECONDS);
}
