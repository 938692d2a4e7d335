"use client";

// React hooks for the player that all pages share.
import { createContext, use, useEffect, useSyncExternalStore } from "react";

import { Player } from "@/lib/audio/player";
import type { Voice } from "@/lib/audio/voice";

export const PlayerContext = createContext<Player>(new Player());

export const usePlayer = (): Player => use(PlayerContext);

export function useIsPlaying(): boolean {
  const player = usePlayer();
  return useSyncExternalStore(
    (changed) => player.subscribe(changed),
    () => player.isPlaying,
    () => false,
  );
}

/** The current voice; null before the first playback. */
export function useVoice(): Voice | null {
  const player = usePlayer();
  return useSyncExternalStore(
    (changed) => player.subscribe(changed),
    () => player.voice,
    () => null,
  );
}

/** Pauses playback when the user leaves the page. */
export function usePauseOnLeave(): void {
  const player = usePlayer();
  useEffect(() => () => player.pause(), [player]);
}
