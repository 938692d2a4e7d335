"use client";

import { useRef, useState } from "react";

import { Choice } from "@/components/controls/Choice";
import { useVoice } from "@/components/shell/player";
import { Device, devices } from "@/lib/audio/device";

import type { Studio } from "./useStudio";

/** What sounds: oscillators at once, a sound font once it is here, a device that is plugged in. */
export function SoundChoice({ studio: { player, attempt } }: { studio: Studio }) {
  const voice = useVoice();
  const [plugged, setPlugged] = useState<readonly MIDIOutput[]>(() => (voice instanceof Device ? [voice.output] : []));
  const [isLoading, setIsLoading] = useState(false);
  const wanted = useRef<string>(null);

  const look = () =>
    attempt(async () => {
      const found = await devices();
      setPlugged(found);
      if (found.length === 0) throw new Error("No MIDI device is plugged in. Plug one in and choose again.");
    });
  const font = () =>
    attempt(async () => {
      try {
        const { context, output } = player.open();
        const { openFont } = await import("@/lib/audio/font");
        const font = await openFont(context, output);
        if (wanted.current === "font") player.use(font);
      } finally {
        setIsLoading(false);
      }
    });
  const choose = (sound: string) => {
    if (sound === "look") {
      void look();
      return;
    }
    wanted.current = sound;
    setIsLoading(sound === "font");
    const device = plugged.find(({ id }) => id === sound);
    if (sound === "font") void font();
    else player.use(device === undefined ? null : new Device(player.open().context, device));
  };
  return (
    <div>
      <Choice label="Sound" value={isLoading ? "font" : (voice?.id ?? "oscillators")} onChange={choose}>
        <option value="oscillators">Synthesizer</option>
        <option value="font">Sampled instruments (15 MB)</option>
        {plugged.map(({ id, name }) => (
          <option key={id} value={id}>{name ?? "MIDI device"}</option>
        ))}
        {"requestMIDIAccess" in navigator && <option value="look">Look for MIDI devices ...</option>}
      </Choice>
      {isLoading && <p role="status" className="mt-1 text-xs text-soft">The instruments are on their way; the synthesizer plays until then.</p>}
    </div>
  );
}
