"use client";

// The versions of a comparison, their notes, and the version that is selected for playback.
import { useCallback, useEffect, useState } from "react";

import type { NoteSource, Player } from "@/lib/audio/player";
import { type CompareEntry, loadComparison, saveComparison } from "@/lib/compare/comparison";
import type { MelodyNotes } from "@/lib/music/jobNotes";
import { TICKS_PER_BAR } from "@/lib/music/time";

const PLAYER_SETTINGS = { volume: 0.8, isMuted: false, hasMetronome: false, loop: null };

interface Progress {
  melody: MelodyNotes;
  isComplete: boolean;
}

function toSource({ melody, isComplete }: Progress, { job }: CompareEntry): NoteSource {
  const bars = isComplete ? job.request.bars : melody.bars;
  return { notes: melody.notes, end: bars * TICKS_PER_BAR, isComplete };
}

export function useCompareEntries(player: Player) {
  const [entries, setEntries] = useState<readonly CompareEntry[]>(loadComparison);
  const [progressByJob, setProgressByJob] = useState<ReadonlyMap<string, Progress>>(new Map());
  const [selected, setSelected] = useState<CompareEntry | null>(entries[0] ?? null);
  const [isBlind, setIsBlind] = useState(false);
  const progress = selected === null ? undefined : progressByJob.get(selected.job.id);

  const request = entries[0]?.job.request;
  useEffect(() => {
    if (request !== undefined) player.configure({ ...PLAYER_SETTINGS, tempo: request.tempo, program: request.instrument });
  }, [player, request]);

  useEffect(() => {
    if (progress !== undefined && selected !== null) player.load(toSource(progress, selected));
  }, [player, progress, selected]);

  const setMelody = useCallback((jobId: string, melody: MelodyNotes, isComplete: boolean) => {
    setProgressByJob((previous) => new Map(previous).set(jobId, { melody, isComplete }));
  }, []);

  return {
    entries,
    selected,
    /** Whether the page hides the selected version. */
    isBlind,
    setMelody,
    show: (next: readonly CompareEntry[]) => {
      setEntries(next);
      saveComparison(next);
      setProgressByJob(new Map());
      setSelected(next[0] ?? null);
    },
    /** Plays an entry from the current position. */
    play: (entry: CompareEntry, blind = false) => {
      const { position, isPlaying } = player;
      setSelected(entry);
      setIsBlind(blind);
      const loadedProgress = progressByJob.get(entry.job.id);
      if (loadedProgress !== undefined) player.load(toSource(loadedProgress, entry));
      player.seek(position);
      if (!isPlaying) player.play();
    },
  };
}
