// A synthesizer of oscillators for all 128 General MIDI programs; needs no download.
//
// Each of the sixteen families has a timbre: waves, an envelope, and a low-pass filter that closes as
// the note fades.
import { playDrum } from "./drumSynth";
import type { TimedNote, Voice } from "./voice";

interface Timbre {
  waves: readonly { type: OscillatorType; octave: number; cents: number; level: number }[];
  attack: number;
  decay: number;
  /** Sustain level as a share of the peak; 0 for struck and plucked instruments. */
  sustain: number;
  release: number;
  /** Cutoff of the low-pass filter, in multiples of the note's frequency. */
  brightness: number;
}

const wave = (type: OscillatorType, level: number, octave = 0, cents = 0) => ({ type, octave, cents, level });

const PIANO: Timbre = { waves: [wave("triangle", 0.8), wave("sine", 0.35, 1), wave("sawtooth", 0.1, 0, 4)], attack: 0.003, decay: 1.3, sustain: 0, release: 0.22, brightness: 7 };
const BELL: Timbre = { waves: [wave("sine", 0.8), wave("sine", 0.3, 2, 7), wave("sine", 0.15, 1, 12)], attack: 0.001, decay: 0.9, sustain: 0, release: 0.5, brightness: 16 };
const ORGAN: Timbre = { waves: [wave("sine", 0.6), wave("sine", 0.35, 1), wave("sine", 0.2, 2)], attack: 0.012, decay: 0.1, sustain: 0.9, release: 0.07, brightness: 12 };
const GUITAR: Timbre = { waves: [wave("sawtooth", 0.5), wave("triangle", 0.5, 0, 3)], attack: 0.002, decay: 0.75, sustain: 0, release: 0.12, brightness: 5 };
const BASS: Timbre = { waves: [wave("triangle", 0.9), wave("square", 0.18)], attack: 0.004, decay: 0.8, sustain: 0.25, release: 0.09, brightness: 4 };
const STRINGS: Timbre = { waves: [wave("sawtooth", 0.4, 0, -5), wave("sawtooth", 0.4, 0, 5)], attack: 0.06, decay: 0.3, sustain: 0.8, release: 0.2, brightness: 5 };
const ENSEMBLE: Timbre = { waves: [wave("sawtooth", 0.28, 0, -9), wave("sawtooth", 0.28, 0, 9), wave("triangle", 0.3)], attack: 0.09, decay: 0.3, sustain: 0.8, release: 0.35, brightness: 4 };
const BRASS: Timbre = { waves: [wave("sawtooth", 0.55), wave("sawtooth", 0.25, 0, 6)], attack: 0.03, decay: 0.18, sustain: 0.75, release: 0.1, brightness: 6 };
const REED: Timbre = { waves: [wave("square", 0.4), wave("triangle", 0.35, 0, 4)], attack: 0.025, decay: 0.15, sustain: 0.8, release: 0.09, brightness: 6 };
const PIPE: Timbre = { waves: [wave("sine", 0.85), wave("triangle", 0.2, 1)], attack: 0.04, decay: 0.1, sustain: 0.85, release: 0.12, brightness: 8 };
const LEAD: Timbre = { waves: [wave("sawtooth", 0.4), wave("square", 0.25, 0, 7)], attack: 0.005, decay: 0.2, sustain: 0.7, release: 0.12, brightness: 9 };
const PAD: Timbre = { waves: [wave("triangle", 0.5, 0, -7), wave("sawtooth", 0.2, 0, 7), wave("sine", 0.3, -1)], attack: 0.18, decay: 0.5, sustain: 0.8, release: 0.6, brightness: 4 };
const PERCUSSION: Timbre = { waves: [wave("triangle", 0.9), wave("sine", 0.4, -1)], attack: 0.001, decay: 0.3, sustain: 0, release: 0.12, brightness: 6 };

/** Timbres by General MIDI family of eight programs. */
const FAMILY_TIMBRES: readonly Timbre[] = [
  ...[PIANO, BELL, ORGAN, GUITAR, BASS, STRINGS, ENSEMBLE, BRASS],
  ...[REED, PIPE, LEAD, PAD, PAD, GUITAR, PERCUSSION, PAD],
];

const PEAK_GAIN = 0.24;
const MIN_GAIN = 0.0001;

export class OscillatorSynth implements Voice {
  readonly id = "oscillators";
  readonly #context: BaseAudioContext;
  readonly #output: AudioNode;
  #bus: GainNode;

  constructor(context: BaseAudioContext, output: AudioNode) {
    this.#context = context;
    this.#output = output;
    this.#bus = this.#createBus();
  }

  play(note: TimedNote): void {
    const { startsAt, seconds, pitch, velocity, program, isDrum } = note;
    const level = (velocity / 127) ** 1.4 * PEAK_GAIN;
    if (isDrum) {
      playDrum(this.#context, this.#bus, note, level);
      return;
    }
    const timbre = FAMILY_TIMBRES[program >> 3] ?? PIANO;
    const frequency = 440 * 2 ** ((pitch - 69) / 12);
    const { envelope, end } = this.#envelope(timbre, startsAt, seconds, level);
    const filter = this.#filter(timbre, frequency, startsAt);
    filter.connect(envelope).connect(this.#bus);
    for (const { type, octave, cents, level } of timbre.waves) {
      const oscillator = new OscillatorNode(this.#context, { type, frequency: frequency * 2 ** octave, detune: cents });
      const gain = new GainNode(this.#context, { gain: level });
      oscillator.connect(gain).connect(filter);
      oscillator.start(startsAt);
      oscillator.stop(end);
    }
  }

  stopAll(): void {
    const { currentTime } = this.#context;
    const bus = this.#bus;
    bus.gain.setTargetAtTime(0, currentTime, 0.01);
    setTimeout(() => bus.disconnect(), 120);
    this.#bus = this.#createBus();
  }

  #createBus(): GainNode {
    const bus = new GainNode(this.#context);
    bus.connect(this.#output);
    return bus;
  }

  #envelope(timbre: Timbre, startsAt: number, seconds: number, peak: number): { envelope: GainNode; end: number } {
    const { attack, decay, sustain, release } = timbre;
    const envelope = new GainNode(this.#context, { gain: 0 });
    const releaseAt = startsAt + Math.max(seconds, attack);
    const end = releaseAt + release;
    const { gain } = envelope;
    gain.setValueAtTime(0, startsAt);
    gain.linearRampToValueAtTime(peak, startsAt + attack);
    gain.setTargetAtTime(Math.max(MIN_GAIN, peak * sustain), startsAt + attack, decay / 3);
    gain.setTargetAtTime(0, releaseAt, release / 5);
    return { envelope, end };
  }

  #filter(timbre: Timbre, frequency: number, startsAt: number): BiquadFilterNode {
    const cutoff = Math.min(this.#context.sampleRate / 2.2, frequency * timbre.brightness);
    const filter = new BiquadFilterNode(this.#context, { type: "lowpass", frequency: cutoff, Q: 0.4 });
    filter.frequency.setTargetAtTime(Math.max(frequency * 1.5, cutoff * 0.5), startsAt, timbre.decay);
    return filter;
  }
}
