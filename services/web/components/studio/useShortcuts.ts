"use client";

import { useEffect } from "react";

import type { PlaybackSettings } from "./usePlaybackSettings";
import type { Studio } from "./useStudio";

/** Keyboard shortcuts of the whole page; an element that uses a key itself takes precedence. */
export function useShortcuts(studio: Studio, playback: PlaybackSettings): void {
  useEffect(() => {
    const handleKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (target.closest("input:not([type=range]), select, textarea, button, summary, a") !== null && event.key === " ") return;
      if (target.closest("input:not([type=range]), select, textarea") !== null) return;
      const { player, clip } = studio;
      const key = event.key.toLowerCase();
      if ((event.ctrlKey || event.metaKey) && key === "z") {
        if (event.shiftKey) studio.redo();
        else studio.undo();
      } else if (event.ctrlKey || event.metaKey || event.altKey) return;
      else if (key === " " && clip !== null) {
        if (player.isPlaying) player.pause();
        else player.play();
      } else if (key === "l") playback.update({ isLooping: !playback.isLooping });
      else if (key === "m") playback.update({ isMuted: !playback.isMuted });
      else if (key === "k") playback.update({ hasMetronome: !playback.hasMetronome });
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", handleKey);
    return () => removeEventListener("keydown", handleKey);
  });
}
