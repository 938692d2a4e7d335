"use client";

// The one player of the whole studio, as React sees it.
import { createContext, use, useEffect, useSyncExternalStore } from "react";

import { Player } from "@/lib/audio/player";

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

/** A page that is left falls silent. */
export function useSilenceAfterwards(): void {
  const player = usePlayer();
  useEffect(() => () => player.pause(), [player]);
}
