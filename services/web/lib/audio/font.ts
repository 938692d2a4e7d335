// Sampled instruments: FluidR3 Mono (MIT), played by SpessaSynth's worklet.
import { BasicMIDI } from "spessasynth_core";
import { WorkletSynthesizer } from "spessasynth_lib";

import { getFont, WORKLET } from "@/lib/api/sound";
import { writeMidi } from "@/lib/music/midi";
import type { Piece } from "@/lib/music/piece";

import { offline } from "./offline";
import type { Sound, Voice } from "./voice";

/** Channel 10 is drums. */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15];
const VOLUME = 7;
const LOUD = 100;
/** So that a note that ends where the same begins again does not end that one. */
const GAP = 0.002;

const fonts = new WeakMap<AudioContext, Promise<Font>>();

/** The one of a context: it takes 15 MB, and a worklet that runs for as long as the context does. */
export function openFont(context: AudioContext, output: AudioNode): Promise<Voice> {
  const font = fonts.get(context) ?? newFont(context, output);
  fonts.set(context, font);
  font.catch(() => fonts.delete(context)); // the next one who wants it tries again
  return font;
}

async function newFont(context: AudioContext, output: AudioNode): Promise<Font> {
  const [font] = await Promise.all([getFont(), context.audioWorklet.addModule(WORKLET)]);
  const synth = new WorkletSynthesizer(context);
  synth.connect(output);
  await synth.soundBankManager.addSoundBank(font, "fluid");
  await synth.isReady;
  return new Font(synth);
}

/**
 * What was sent ahead cannot be called back from a worklet: silence mutes its channel, and goes on
 * with the next one.
 */
class Font implements Voice {
  readonly id = "font";
  readonly #synth: WorkletSynthesizer;
  #turn = 0;
  #program = -1;

  constructor(synth: WorkletSynthesizer) {
    this.#synth = synth;
  }

  play({ at, seconds, pitch, velocity, program }: Sound): void {
    const channel = this.#channel;
    if (program !== this.#program) this.#synth.programChange(channel, program);
    this.#program = program;
    this.#synth.noteOn(channel, pitch, velocity, { time: at });
    this.#synth.noteOff(channel, pitch, { time: at + Math.max(GAP, seconds - GAP) });
  }

  silence(): void {
    this.#synth.controllerChange(this.#channel, VOLUME, 0);
    this.#synth.stopAll(true);
    this.#turn += 1;
    this.#program = -1;
    this.#synth.controllerChange(this.#channel, VOLUME, LOUD);
  }

  /** By the synthesizer's own sequencer: Chromium gives an offline worklet no message but the first. */
  async render(piece: Piece): Promise<AudioBuffer> {
    const { context, output } = offline(piece);
    const [font] = await Promise.all([getFont(), context.audioWorklet.addModule(WORKLET)]);
    const synth = new WorkletSynthesizer(context);
    synth.connect(output);
    await synth.startOfflineRender({
      midiSequence: BasicMIDI.fromArrayBuffer(writeMidi(piece).buffer),
      loopCount: 0,
      soundBankList: [{ bankOffset: 0, soundBankBuffer: font }],
      sequencerOptions: { skipToFirstNoteOn: false },
    });
    return context.startRendering();
  }

  get #channel(): number {
    return CHANNELS[this.#turn % CHANNELS.length] ?? 0;
  }
}
