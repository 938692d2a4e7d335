"use client";

// One melody of a list is heard at a time.
import { useState } from "react";

import { useIsPlaying, usePlayer, useSilenceAfterwards } from "@/components/shell/player";
import type { Melody } from "@/lib/api/wire";
import { wholeOf } from "@/lib/audio/player";

type Heard = Pick<Melody, "id" | "notes" | "bars" | "tempo">;

export interface Listening {
  /** Of the melody that sounds. */
  id: string | null;
  toggle: (piece: Heard, program: number) => void;
}

export function useListening(): Listening {
  const player = usePlayer();
  const isPlaying = useIsPlaying();
  const [id, setId] = useState<string | null>(null);
  useSilenceAfterwards();
  return {
    id: isPlaying ? id : null,
    toggle(melody, program) {
      player.pause();
      if (isPlaying && id === melody.id) return;
      setId(melody.id);
      player.load(wholeOf(melody));
      player.set({ tempo: melody.tempo, program, volume: 0.8, isMuted: false, hasMetronome: false, loop: null });
      player.seek(0);
      player.play();
    },
  };
}
