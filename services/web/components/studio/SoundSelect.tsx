"use client";

import { useRef, useState } from "react";

import { Select } from "@/components/controls/Select";
import { useVoice } from "@/components/shell/usePlayer";
import { listMidiOutputs, MidiDevice } from "@/lib/audio/midiDevice";

import type { Studio } from "./useStudio";

/** Selects the voice: the oscillators, the sound font (downloaded on first use) or a MIDI device. */
export function SoundSelect({ studio: { player, runAction } }: { studio: Studio }) {
  const voice = useVoice();
  const [outputs, setOutputs] = useState<readonly MIDIOutput[]>(() => (voice instanceof MidiDevice ? [voice.output] : []));
  const [isLoading, setIsLoading] = useState(false);
  const selected = useRef<string>(null);

  const findDevices = () =>
    runAction(async () => {
      const found = await listMidiOutputs();
      setOutputs(found);
      if (found.length === 0) throw new Error("No MIDI device found. Connect one and try again.");
    });
  const selectFont = () =>
    runAction(async () => {
      try {
        const { context, output } = player.ensureContext();
        const { loadSoundFont } = await import("@/lib/audio/soundFont");
        const font = await loadSoundFont(context, output);
        if (selected.current === "font") player.setVoice(font);
      } finally {
        setIsLoading(false);
      }
    });
  const select = (sound: string) => {
    if (sound === "find") {
      void findDevices();
      return;
    }
    selected.current = sound;
    setIsLoading(sound === "font");
    const device = outputs.find(({ id }) => id === sound);
    if (sound === "font") void selectFont();
    else player.setVoice(device === undefined ? null : new MidiDevice(player.ensureContext().context, device));
  };
  return (
    <div>
      <Select label="Sound" value={isLoading ? "font" : (voice?.id ?? "oscillators")} onChange={select}>
        <option value="oscillators">Synthesizer</option>
        <option value="font">Sampled instruments (15 MB)</option>
        {outputs.map(({ id, name }) => (
          <option key={id} value={id}>{name ?? "MIDI device"}</option>
        ))}
        {"requestMIDIAccess" in navigator && <option value="find">Find MIDI devices ...</option>}
      </Select>
      {isLoading && <p role="status" className="mt-1 text-xs text-soft">Loading the instruments; the synthesizer plays until then.</p>}
    </div>
  );
}
