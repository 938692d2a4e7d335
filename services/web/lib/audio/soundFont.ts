// Sampled instruments: the sound font FluidR3 Mono (MIT), played by SpessaSynth's audio worklet.
import { BasicMIDI } from "spessasynth_core";
import { WorkletSynthesizer } from "spessasynth_lib";

import { fetchSoundFont, WORKLET_URL } from "@/lib/api/soundFontFiles";
import type { Clip } from "@/lib/music/clip";
import { midiChannel, writeMidi } from "@/lib/music/midi";

import { createOfflineContext } from "./offlineContext";
import type { TimedNote, Voice } from "./voice";

const CHANNELS_PER_BANK = 16;
const NUM_BANKS = 4;
const CC_VOLUME = 7;
const DEFAULT_VOLUME = 100;
/** Seconds by which a note is shortened, so that its note-off does not end the next note of the same pitch. */
const RETRIGGER_GAP = 0.002;

const voices = new WeakMap<AudioContext, Promise<SoundFontVoice>>();

/** Loads the sound font once per context, because it has 15 MB and its worklet runs as long as the context. */
export function loadSoundFont(context: AudioContext, output: AudioNode): Promise<Voice> {
  const voice = voices.get(context) ?? createVoice(context, output);
  voices.set(context, voice);
  voice.catch(() => voices.delete(context)); // so that the next call tries again
  return voice;
}

async function createVoice(context: AudioContext, output: AudioNode): Promise<SoundFontVoice> {
  const [font] = await Promise.all([fetchSoundFont(), context.audioWorklet.addModule(WORKLET_URL)]);
  const synth = new WorkletSynthesizer(context);
  synth.connect(output);
  await synth.soundBankManager.addSoundBank(font, "fluid");
  await synth.isReady;
  for (let i = CHANNELS_PER_BANK; i < NUM_BANKS * CHANNELS_PER_BANK; i++) synth.addNewChannel();
  return new SoundFontVoice(synth);
}

/** Scheduled notes of a worklet cannot be cancelled, so `stopAll` mutes their channels and uses the next bank of 16. */
class SoundFontVoice implements Voice {
  readonly id = "font";
  readonly #synth: WorkletSynthesizer;
  #bank = 0;
  /** The program of each channel of the bank that has played. */
  #programs = new Map<number, number>();

  constructor(synth: WorkletSynthesizer) {
    this.#synth = synth;
  }

  play({ startsAt, seconds, pitch, velocity, program, track, isDrum }: TimedNote): void {
    const channel = this.#bank * CHANNELS_PER_BANK + midiChannel(track, isDrum);
    if (!this.#programs.has(channel)) this.#synth.controllerChange(channel, CC_VOLUME, DEFAULT_VOLUME);
    if (program !== this.#programs.get(channel)) this.#synth.programChange(channel, program);
    this.#programs.set(channel, program);
    this.#synth.noteOn(channel, pitch, velocity, { time: startsAt });
    this.#synth.noteOff(channel, pitch, { time: startsAt + Math.max(RETRIGGER_GAP, seconds - RETRIGGER_GAP) });
  }

  stopAll(): void {
    for (const channel of this.#programs.keys()) this.#synth.controllerChange(channel, CC_VOLUME, 0);
    this.#synth.stopAll(true);
    this.#bank = (this.#bank + 1) % NUM_BANKS;
    this.#programs = new Map();
  }

  /** Renders a clip with the sequencer of the synthesizer: in Chromium an offline worklet receives only its first message. */
  async render(clip: Clip): Promise<AudioBuffer> {
    const { context, output } = createOfflineContext(clip);
    const [font] = await Promise.all([fetchSoundFont(), context.audioWorklet.addModule(WORKLET_URL)]);
    const synth = new WorkletSynthesizer(context);
    synth.connect(output);
    await synth.startOfflineRender({
      midiSequence: BasicMIDI.fromArrayBuffer(writeMidi(clip).buffer),
      loopCount: 0,
      soundBankList: [{ bankOffset: 0, soundBankBuffer: font }],
      sequencerOptions: { skipToFirstNoteOn: false },
    });
    return context.startRendering();
  }
}
