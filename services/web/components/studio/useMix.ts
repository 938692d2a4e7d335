"use client";

// How the piece is played, as the person likes it: kept in this browser.
import { useEffect, useState } from "react";

import type { Player } from "@/lib/audio/player";
import { type Range, TICKS_PER_BAR } from "@/lib/music/time";

const KEPT = "ostinato.mix";
const USUAL = { volume: 0.8, isMuted: false, hasMetronome: false, isLooping: false };

type Taste = typeof USUAL;

export interface Mix extends Taste {
  hasRange: boolean;
  set: (changes: Partial<Taste>) => void;
}

export function useMix(player: Player, sound: { tempo: number; instrument: number }, range: Range | null, bars: number): Mix {
  const [taste, setTaste] = useState<Taste>(() => ({ ...USUAL, ...(JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Taste>) }));
  const { volume, isMuted, hasMetronome, isLooping } = taste;
  const { tempo, instrument } = sound;
  useEffect(() => localStorage.setItem(KEPT, JSON.stringify(taste)), [taste]);
  useEffect(() => {
    const loop = isLooping ? (range ?? { from: 0, to: bars * TICKS_PER_BAR }) : null;
    player.set({ tempo, program: instrument, volume, isMuted, hasMetronome, loop });
  }, [player, tempo, instrument, volume, isMuted, hasMetronome, isLooping, range, bars]);
  return { ...taste, hasRange: range !== null, set: (changes) => setTaste((was) => ({ ...was, ...changes })) };
}
