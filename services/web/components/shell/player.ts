"use client";

// The one player of the whole studio, as React sees it.
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

/** What sounds; null until something did. */
export function useVoice(): Voice | null {
  const player = usePlayer();
  return useSyncExternalStore(
    (changed) => player.subscribe(changed),
    () => player.voice,
    () => null,
  );
}

/** A page that is left falls silent. */
export function useSilenceAfterwards(): void {
  const player = usePlayer();
  useEffect(() => () => player.pause(), [player]);
}
