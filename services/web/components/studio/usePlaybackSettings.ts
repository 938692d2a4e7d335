"use client";

// Volume, mute, metronome, loop and the other tracks, kept in local storage and applied to the player.
import { useEffect, useState } from "react";

import type { Player } from "@/lib/audio/player";
import type { Range } from "@/lib/music/time";

const STORAGE_KEY = "ostinato.playback";
const DEFAULTS = { volume: 0.8, isMuted: false, hasMetronome: false, isLooping: false, hasOtherTracks: true };

type StoredSettings = typeof DEFAULTS;

export interface PlaybackSettings extends StoredSettings {
  hasRange: boolean;
  update: (changes: Partial<StoredSettings>) => void;
}

export function usePlaybackSettings(player: Player, range: Range | null, end: number): PlaybackSettings {
  const [settings, setSettings] = useState<StoredSettings>(() => ({ ...DEFAULTS, ...(JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}") as Partial<StoredSettings>) }));
  const { volume, isMuted, hasMetronome, isLooping, hasOtherTracks } = settings;
  useEffect(() => localStorage.setItem(STORAGE_KEY, JSON.stringify(settings)), [settings]);
  useEffect(() => {
    const loop = isLooping ? (range ?? { from: 0, to: end }) : null;
    player.configure({ volume, isMuted, hasMetronome, hasOtherTracks, loop });
  }, [player, volume, isMuted, hasMetronome, hasOtherTracks, isLooping, range, end]);
  return { ...settings, hasRange: range !== null, update: (changes) => setSettings((previous) => ({ ...previous, ...changes })) };
}
