"use client";

import { useEffect } from "react";

import type { Mix } from "./useMix";
import type { Studio } from "./useStudio";

/** Keys that work wherever the focus is, unless something there needs them itself. */
export function useShortcuts(studio: Studio, mix: Mix): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (target.closest("input:not([type=range]), select, textarea, button, summary, a") !== null && event.key === " ") return;
      if (target.closest("input:not([type=range]), select, textarea") !== null) return;
      const { player, piece } = studio;
      const key = event.key.toLowerCase();
      if ((event.ctrlKey || event.metaKey) && key === "z") {
        if (event.shiftKey) studio.redo();
        else studio.undo();
      } else if (event.ctrlKey || event.metaKey || event.altKey) return;
      else if (key === " " && piece !== null) {
        if (player.isPlaying) player.pause();
        else player.play();
      } else if (key === "l") mix.set({ isLooping: !mix.isLooping });
      else if (key === "m") mix.set({ isMuted: !mix.isMuted });
      else if (key === "k") mix.set({ hasMetronome: !mix.hasMetronome });
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}
