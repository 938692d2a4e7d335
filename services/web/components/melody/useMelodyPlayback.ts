"use client";

// Plays one melody of a list at a time.
import { useState } from "react";

import { useIsPlaying, usePauseOnLeave, usePlayer } from "@/components/shell/usePlayer";
import type { Melody } from "@/lib/api/types";
import { completeSource } from "@/lib/audio/player";

type PlayableMelody = Pick<Melody, "id" | "notes" | "bars" | "tempo">;

export interface MelodyPlayback {
  /** Id of the melody that is playing; null if none is. */
  playingId: string | null;
  toggle: (melody: PlayableMelody, program: number) => void;
}

export function useMelodyPlayback(): MelodyPlayback {
  const player = usePlayer();
  const isPlaying = useIsPlaying();
  const [id, setId] = useState<string | null>(null);
  usePauseOnLeave();
  return {
    playingId: isPlaying ? id : null,
    toggle(melody, program) {
      player.pause();
      if (isPlaying && id === melody.id) return;
      setId(melody.id);
      player.load(completeSource(melody));
      player.configure({ tempo: melody.tempo, program, volume: 0.8, isMuted: false, hasMetronome: false, loop: null });
      player.seek(0);
      player.play();
    },
  };
}
