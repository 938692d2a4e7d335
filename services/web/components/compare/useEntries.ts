"use client";

// What several versions have made of one wish, and which of them is heard.
import { useCallback, useEffect, useState } from "react";

import type { Player } from "@/lib/audio/player";
import { type Asked, keepComparison, openComparison } from "@/lib/compare/comparison";
import type { Part } from "@/lib/music/performance";
import { TICKS_PER_BAR } from "@/lib/music/time";

const SOUND = { volume: 0.8, isMuted: false, hasMetronome: false, loop: null };

type Parts = ReadonlyMap<string, { part: Part; isOver: boolean }>;

export function useEntries(player: Player) {
  const [entries, setEntries] = useState<readonly Asked[]>(openComparison);
  const [parts, setParts] = useState<Parts>(new Map());
  const [heard, setHeard] = useState<Asked | null>(entries[0] ?? null);
  const [isBlind, setIsBlind] = useState(false);
  const present = heard === null ? undefined : parts.get(heard.job.id);

  const wish = entries[0]?.job.request;
  useEffect(() => {
    if (wish !== undefined) player.set({ ...SOUND, tempo: wish.tempo, program: wish.instrument });
  }, [player, wish]);

  useEffect(() => {
    if (present === undefined || heard === null) return;
    const { part, isOver } = present;
    const bars = isOver ? heard.job.request.bars : part.bars;
    player.load({ notes: part.notes, end: bars * TICKS_PER_BAR, isComplete: isOver });
  }, [player, present, heard]);

  const put = useCallback((jobId: string, part: Part, isOver: boolean) => {
    setParts((was) => new Map(was).set(jobId, { part, isOver }));
  }, []);

  return {
    entries,
    heard,
    /** The listener does not want to be told which. */
    isBlind,
    put,
    begin: (asked: readonly Asked[]) => {
      setEntries(asked);
      keepComparison(asked);
      setParts(new Map());
      setHeard(asked[0] ?? null);
    },
    /** From the place where another was heard. */
    listenTo: (entry: Asked, blind = false) => {
      const at = player.position;
      const wasPlaying = player.isPlaying;
      setHeard(entry);
      setIsBlind(blind);
      const known = parts.get(entry.job.id);
      if (known !== undefined) {
        player.load({ notes: known.part.notes, end: (known.isOver ? entry.job.request.bars : known.part.bars) * TICKS_PER_BAR, isComplete: known.isOver });
      }
      player.seek(at);
      if (!wasPlaying) player.play();
    },
  };
}
