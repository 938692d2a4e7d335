"use client";

// The state of the Studio page: settings, the current generation, the edited clip and playback.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { useAnnounce } from "@/components/shell/Announcer";
import { useIsPlaying, usePlayer } from "@/components/shell/usePlayer";
import { cancelJob, generate } from "@/lib/api/endpoints";
import { useJob, useJobStream, useModels } from "@/lib/api/queries";
import { type GenerationRequest, isTerminal, promotedModels } from "@/lib/api/types";
import { retryRequests } from "@/lib/studio/retryRequests";
import { type Clip, lengthInTicks, notesBefore } from "@/lib/music/clip";
import { melodyAt } from "@/lib/music/jobNotes";
import { TICKS_PER_BAR } from "@/lib/music/time";
import { pushEdit, redo, undo } from "@/lib/studio/history";
import { uploadOpening } from "@/lib/studio/regenerate";
import { loadSession, saveSession, type Session } from "@/lib/studio/session";
import { barsToKeep, buildRequest, type StudioSettings } from "@/lib/studio/settings";

const SETTINGS_DEBOUNCE_MS = 400;

export function useStudio() {
  const player = usePlayer();
  const isPlaying = useIsPlaying();
  const announce = useAnnounce();
  const models = useModels();
  const [session, setSession] = useState<Session>(loadSession);
  const [error, setError] = useState<unknown>(null);
  const debounce = useRef<ReturnType<typeof setTimeout>>(undefined);
  const { settings, generation, history } = session;

  const versions = promotedModels(models.data);
  const model = versions.find(({ version }) => version === settings.model) ?? versions[0];
  const stream = useJobStream(generation?.jobId ?? null);
  const job = useJob(generation?.jobId ?? null);

  useEffect(() => saveSession(session), [session]);
  useEffect(() => clearLinkQuery(), []);

  const isGenerating = generation !== null && history.present === null && !isTerminal(stream.jobNotes.state) && stream.error === null;
  const melody = melodyAt(stream.jobNotes, 0);
  const base = generation?.base ?? null;
  const isPastBase = base === null || melody.bars >= base.bars;
  const generatedBars = history.present?.bars ?? (isPastBase ? melody.bars : base.bars);
  const clip: Clip | null = useMemo(() => {
    const sound = { tempo: settings.tempo, instrument: settings.instrument };
    if (history.present !== null) return { ...history.present, ...sound };
    if (generation === null) return null;
    return { notes: isPastBase ? melody.notes : base.notes, bars: generation.bars, ...sound };
  }, [history.present, generation, isPastBase, melody.notes, base, settings.tempo, settings.instrument]);

  useEffect(() => {
    if (clip === null) return;
    player.load({ notes: clip.notes, end: isGenerating ? generatedBars * TICKS_PER_BAR : lengthInTicks(clip), isComplete: !isGenerating });
  }, [player, clip, generatedBars, isGenerating]);

  useEffect(() => {
    if (stream.jobNotes.state === "succeeded") announce("The melody is complete.");
    if (stream.jobNotes.state === "running") announce("The melody is being generated.");
    if (stream.jobNotes.state === "cancelled") announce("Stopped; the bars that are complete are kept.");
    if (stream.jobNotes.state === "expired") announce("The deadline has passed; the bars that are complete are kept.");
  }, [announce, stream.jobNotes.state]);

  const updateSession = useCallback((next: (previous: Session) => Partial<Session>) => setSession((previous) => ({ ...previous, ...next(previous) })), []);
  const runAction = useCallback(async (action: () => Promise<void>) => {
    setError(null);
    try {
      await action();
    } catch (error) {
      setError(error);
    }
  }, []);

  const startGeneration = (request: GenerationRequest, bars: number, base: Clip | null) => {
    player.ensureContext();
    player.pause();
    player.load({ notes: [], end: 0, isComplete: false });
    player.seek(0);
    player.play();
    const past = clip === null || generatedBars === 0 ? history.past : pushEdit(history, clip, null).past;
    updateSession(() => ({ generation: { jobId: null, bars, base }, history: { past, present: null, future: [] } }));
    void runAction(async () => {
      try {
        if (isGenerating && generation.jobId !== null) await cancelJob(generation.jobId);
        const created = await generate(request);
        updateSession(() => ({ generation: { jobId: created.id, bars, base } }));
      } catch (error) {
        player.pause();
        updateSession(() => ({ generation, history }));
        throw error;
      }
    });
  };

  const generateClip = () => {
    if (model !== undefined) startGeneration(buildRequest(settings, model.version), settings.bars + (settings.primer?.bars ?? 0), null);
  };

  const failedRequest = job.data?.state === "failed" && generation?.jobId === job.data.id ? retryRequests(job.data.request, stream.jobNotes)[0] : undefined;

  /** Replaces the running job by a job with the new settings, from a bar line that playback has not reached. */
  const regenerateRest = (next: StudioSettings) => {
    if (!isGenerating || generation.jobId === null || clip === null || model === undefined || !model.capabilities.primer) return;
    const bars = barsToKeep(generatedBars, player.position, player.isPlaying);
    if (bars === 0 || bars >= generation.bars) return;
    const oldJobId = generation.jobId;
    const opening = { ...clip, bars, notes: notesBefore(clip.notes, bars * TICKS_PER_BAR) };
    updateSession(() => ({ generation: { jobId: null, bars: generation.bars, base: opening } }));
    void runAction(async () => {
      try {
        const [primer] = await Promise.all([uploadOpening(opening, bars), cancelJob(oldJobId)]);
        const request = { ...buildRequest(next, model.version, primer.bars), bars: generation.bars - primer.bars, primer_id: primer.id };
        const created = await generate(request);
        updateSession(() => ({ generation: { jobId: created.id, bars: generation.bars, base: opening } }));
      } catch (error) {
        updateSession(() => ({ generation }));
        throw error;
      }
    });
  };
  const latestRegenerateRest = useRef(regenerateRest);
  useEffect(() => {
    latestRegenerateRest.current = regenerateRest;
  });

  const updateSettings = (changes: Partial<StudioSettings>) => {
    const next = { ...settings, ...changes };
    updateSession(() => ({ settings: next }));
    clearTimeout(debounce.current);
    if (changes.sampling !== undefined) debounce.current = setTimeout(() => latestRegenerateRest.current(next), SETTINGS_DEBOUNCE_MS);
  };

  return {
    settings, updateSettings, models, versions, model, generation, job, stream, clip, generatedBars, isGenerating, isPlaying, player, error, runAction,
    generate: generateClip,
    /** Starts the failed job again; null unless the job has failed. */
    retry: failedRequest !== undefined && generation !== null ? () => startGeneration(failedRequest, generation.bars, generation.base) : null,
    stop: () =>
      runAction(async () => {
        if (generation?.jobId != null) await cancelJob(generation.jobId);
      }),
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    edit: (next: Clip) => clip !== null && updateSession((previous) => ({ history: pushEdit(previous.history, clip, next) })),
    undo: () => updateSession((previous) => ({ history: undo(previous.history) })),
    redo: () => clip !== null && updateSession((previous) => ({ history: redo(previous.history, clip) })),
    /** Id of the generated melody; null if the clip differs from it. */
    melodyId: history.present === null && base === null ? melody.id : null,
  };
}

export type Studio = ReturnType<typeof useStudio>;

/** Removes the settings from the address after they have been copied to the session. */
function clearLinkQuery(): void {
  if (location.search !== "") window.history.replaceState(null, "", location.pathname);
}
