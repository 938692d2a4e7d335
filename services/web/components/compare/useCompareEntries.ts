"use client";

// The versions of a comparison, their notes, and the version that is selected for playback.
import { useCallback, useEffect, useState } from "react";

import { completeSource, DEFAULT_PLAYER_SETTINGS, type NoteSource, type Player } from "@/lib/audio/player";
import { type CompareEntry, loadComparison, saveComparison } from "@/lib/compare/comparison";
import { endOf, regularBars } from "@/lib/music/bars";
import { notesBefore } from "@/lib/music/clip";
import type { MelodyNotes } from "@/lib/music/jobNotes";
import { DEFAULT_TEMPO } from "@/lib/music/time";

interface Progress {
  melody: MelodyNotes;
  isComplete: boolean;
}

function toSource({ melody, isComplete }: Progress, { job }: CompareEntry): NoteSource {
  const { tempo, instrument } = job.request;
  const bars = regularBars(isComplete && !melody.isPartial ? job.request.bars : melody.bars);
  const notes = melody.isPartial ? notesBefore(melody.notes, endOf(bars)) : melody.notes;
  const clip = { notes, bars, tempo: tempo ?? DEFAULT_TEMPO, instrument };
  return { ...completeSource(clip), isComplete };
}

export function useCompareEntries(player: Player) {
  const [entries, setEntries] = useState<readonly CompareEntry[]>(loadComparison);
  const [progressByJob, setProgressByJob] = useState<ReadonlyMap<string, Progress>>(new Map());
  const [selected, setSelected] = useState<CompareEntry | null>(entries[0] ?? null);
  const [isBlind, setIsBlind] = useState(false);
  const progress = selected === null ? undefined : progressByJob.get(selected.job.id);

  useEffect(() => player.configure(DEFAULT_PLAYER_SETTINGS), [player]);

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
