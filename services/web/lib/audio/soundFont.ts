// Sampled instruments: the sound font FluidR3 Mono (MIT), played by SpessaSynth's audio worklet.
import { BasicMIDI } from "spessasynth_core";
import { WorkletSynthesizer } from "spessasynth_lib";

import { fetchSoundFont, WORKLET_URL } from "@/lib/api/soundFontFiles";
import type { Clip } from "@/lib/music/clip";
import { writeMidi } from "@/lib/music/midi";

import { createOfflineContext } from "./offlineContext";
import type { TimedNote, Voice } from "./voice";

/** MIDI channels, counted from 0, without the drum channel 9. */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15];
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
  return new SoundFontVoice(synth);
}

/** Scheduled notes of a worklet cannot be cancelled, so `stopAll` mutes their channel and uses the next one. */
class SoundFontVoice implements Voice {
  readonly id = "font";
  readonly #synth: WorkletSynthesizer;
  #channelIndex = 0;
  #program = -1;

  constructor(synth: WorkletSynthesizer) {
    this.#synth = synth;
  }

  play({ startsAt, seconds, pitch, velocity, program }: TimedNote): void {
    const channel = this.#channel;
    if (program !== this.#program) this.#synth.programChange(channel, program);
    this.#program = program;
    this.#synth.noteOn(channel, pitch, velocity, { time: startsAt });
    this.#synth.noteOff(channel, pitch, { time: startsAt + Math.max(RETRIGGER_GAP, seconds - RETRIGGER_GAP) });
  }

  stopAll(): void {
    this.#synth.controllerChange(this.#channel, CC_VOLUME, 0);
    this.#synth.stopAll(true);
    this.#channelIndex += 1;
    this.#program = -1;
    this.#synth.controllerChange(this.#channel, CC_VOLUME, DEFAULT_VOLUME);
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

  get #channel(): number {
    return CHANNELS[this.#channelIndex % CHANNELS.length] ?? 0;
  }
}
