// Drums of oscillators and noise, by their General MIDI keys.
import type { TimedNote } from "./voice";

interface Drum {
  seconds: number;
  /** Frequency of a sine at the start and at the end. */
  tone?: readonly [number, number];
  /** Frequency above which there is noise. */
  noise?: number;
}

const CLOSED: Drum = { seconds: 0.06, noise: 7000 };
const KICK: Drum = { seconds: 0.25, tone: [140, 45] };
const SNARE: Drum = { seconds: 0.2, tone: [220, 150], noise: 1800 };
const CYMBAL: Drum = { seconds: 0.9, noise: 5000 };
const TOMS = [41, 43, 45, 47, 48, 50];

const DRUMS: Readonly<Record<number, Drum>> = {
  ...{ 35: KICK, 36: KICK, 37: CLOSED, 38: SNARE, 39: SNARE, 40: SNARE },
  ...{ 42: CLOSED, 44: CLOSED, 46: { seconds: 0.35, noise: 7000 } },
  ...{ 49: CYMBAL, 51: CYMBAL, 52: CYMBAL, 53: CYMBAL, 55: CYMBAL, 57: CYMBAL, 59: CYMBAL },
  ...Object.fromEntries(TOMS.map((key, i) => [key, { seconds: 0.3, tone: [110 + 25 * i, 70 + 18 * i] } as const])),
};

const noises = new WeakMap<BaseAudioContext, AudioBuffer>();

export function playDrum(context: BaseAudioContext, output: AudioNode, { pitch, startsAt }: TimedNote, peak: number): void {
  const { seconds, tone, noise } = DRUMS[pitch] ?? CLOSED;
  const end = startsAt + seconds;
  const envelope = new GainNode(context, { gain: 0 });
  envelope.gain.setValueAtTime(peak * (tone === undefined ? 0.5 : 1.2), startsAt);
  envelope.gain.setTargetAtTime(0, startsAt, seconds / 5);
  envelope.connect(output);
  if (tone !== undefined) {
    const oscillator = new OscillatorNode(context, { frequency: tone[0] });
    oscillator.frequency.setValueAtTime(tone[0], startsAt);
    oscillator.frequency.exponentialRampToValueAtTime(tone[1], end);
    oscillator.connect(envelope);
    oscillator.start(startsAt);
    oscillator.stop(end);
  }
  if (noise !== undefined) {
    const source = new AudioBufferSourceNode(context, { buffer: noiseOf(context) });
    source.connect(new BiquadFilterNode(context, { type: "highpass", frequency: noise })).connect(envelope);
    source.start(startsAt);
    source.stop(end);
  }
}

/** One second of noise. */
function noiseOf(context: BaseAudioContext): AudioBuffer {
  const buffer = noises.get(context) ?? context.createBuffer(1, context.sampleRate, context.sampleRate);
  if (!noises.has(context)) buffer.getChannelData(0).forEach((_, i, samples) => (samples[i] = Math.random() * 2 - 1));
  noises.set(context, buffer);
  return buffer;
}
