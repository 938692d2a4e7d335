"use client";

import { useState } from "react";

import { Choice } from "@/components/controls/Choice";
import { Device, devices } from "@/lib/audio/device";

import type { Studio } from "./useStudio";

/** What sounds: oscillators at once, a sound font once it is here, a device that is plugged in. */
export function SoundChoice({ studio: { player, attempt } }: { studio: Studio }) {
  const [chosen, setChosen] = useState("oscillators");
  const [plugged, setPlugged] = useState<readonly MIDIOutput[] | null>(null);
  const [isLoading, setIsLoading] = useState(false);

  const look = () =>
    attempt(async () => {
      const found = await devices();
      setPlugged(found);
      if (found.length === 0) throw new Error("No MIDI device is plugged in. Plug one in and choose again.");
    });
  const font = () =>
    attempt(async () => {
      setIsLoading(true);
      try {
        const { context, output } = player.open();
        const { openFont } = await import("@/lib/audio/font");
        player.use(await openFont(context, output));
        setChosen("font");
      } finally {
        setIsLoading(false);
      }
    });
  const choose = (sound: string) => {
    const device = plugged?.find(({ id }) => id === sound);
    if (sound === "look") void look();
    else if (sound === "font") void font();
    else {
      player.use(device === undefined ? null : new Device(player.open().context, device));
      setChosen(sound);
    }
  };
  return (
    <div>
      <Choice label="Sound" value={isLoading ? "font" : chosen} onChange={choose}>
        <option value="oscillators">Synthesizer</option>
        <option value="font">Sampled instruments (15 MB)</option>
        {plugged?.map(({ id, name }) => (
          <option key={id} value={id}>{name ?? "MIDI device"}</option>
        ))}
        {"requestMIDIAccess" in navigator && <option value="look">Look for MIDI devices ...</option>}
      </Choice>
      {isLoading && <p role="status" className="mt-1 text-xs text-soft">The instruments are on their way; the synthesizer plays until then.</p>}
    </div>
  );
}
