"use client";

// Plays one melody of a list at a time.
import { useState } from "react";

import { useIsPlaying, usePauseOnLeave, usePlayer } from "@/components/shell/usePlayer";
import { completeSource, DEFAULT_PLAYER_SETTINGS } from "@/lib/audio/player";
import type { Clip } from "@/lib/music/clip";

export interface MelodyPlayback {
  /** Id of the melody that is playing; null if none is. */
  playingId: string | null;
  toggle: (id: string, clip: Clip) => void;
}

export function useMelodyPlayback(): MelodyPlayback {
  const player = usePlayer();
  const isPlaying = useIsPlaying();
  const [lastId, setLastId] = useState<string | null>(null);
  usePauseOnLeave();
  return {
    playingId: isPlaying ? lastId : null,
    toggle(id, clip) {
      player.pause();
      if (isPlaying && lastId === id) return;
      setLastId(id);
      player.load(completeSource(clip));
      player.configure(DEFAULT_PLAYER_SETTINGS);
      player.seek(0);
      player.play();
    },
  };
}
