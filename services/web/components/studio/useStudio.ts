"use client";

// The state of the Studio page: settings, the current generation, the edited clip and playback.
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { useAnnounce } from "@/components/shell/Announcer";
import { useIsPlaying, usePlayer } from "@/components/shell/usePlayer";
import { cancelJob, generate, getMelody } from "@/lib/api/endpoints";
import { useJob, useJobStream, useModels } from "@/lib/api/queries";
import { type GenerationRequest, isTerminal, promotedModels } from "@/lib/api/types";
import { retryRequests } from "@/lib/studio/retryRequests";
import { completeSource, EMPTY_SOURCE } from "@/lib/audio/player";
import { extendBars, lineBefore } from "@/lib/music/bars";
import { type Clip, clipOf, firstBars, notesBefore, withSound } from "@/lib/music/clip";
import { melodyAt } from "@/lib/music/jobNotes";
import { DEFAULT_TEMPO } from "@/lib/music/time";
import { pushEdit, redo, undo } from "@/lib/studio/history";
import type { PrimerFile } from "@/lib/studio/primerTracks";
import { uploadFileOpening, uploadOpening } from "@/lib/studio/regenerate";
import { type Generation, loadSession, saveSession, type Session } from "@/lib/studio/session";
import { barsToKeep, buildRequest, shownTempo, type StudioSettings } from "@/lib/studio/settings";

const SETTINGS_DEBOUNCE_MS = 400;
/** Bars of the file that are played before its continuation. */
const LEAD_IN_BARS = 2;

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

  const melody = melodyAt(stream.jobNotes, 0);
  const finished = useQuery({ queryKey: ["melody", melody.id], queryFn: ({ signal }) => getMelody(melody.id ?? "", signal), enabled: melody.id !== null, staleTime: Infinity });
  const hasEnded = (isTerminal(stream.jobNotes.state) && !finished.isLoading) || stream.error !== null;
  const isGenerating = generation !== null && history.present === null && !hasEnded;
  const base = generation?.base ?? null;
  const isPastBase = base === null || melody.bars >= base.bars.length;
  const generatedBars = history.present?.bars.length ?? (isPastBase ? melody.bars : base.bars.length);
  const clip: Clip | null = useMemo(() => {
    const sound = { tempo: settings.tempo, instrument: settings.instrument };
    if (history.present !== null) return withSound(history.present, sound);
    if (generation === null) return null;
    if (finished.data !== undefined && !isGenerating) return withSound(clipOf(finished.data), sound);
    const { bars } = generation;
    const notes = !isPastBase ? base.notes : melody.isPartial ? notesBefore(melody.notes, lineBefore(bars, melody.bars)) : melody.notes;
    return withSound({ ...{ tempo: DEFAULT_TEMPO, instrument: 0 }, ...base, notes, bars, origin: null }, sound);
  }, [history.present, generation, finished.data, isGenerating, isPastBase, melody, base, settings.tempo, settings.instrument]);

  useEffect(() => {
    if (clip === null) return;
    const source = completeSource(clip);
    player.load(isGenerating ? { ...source, end: lineBefore(clip.bars, generatedBars), isComplete: false } : source);
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

  const startGeneration = (request: GenerationRequest, started: Omit<Generation, "jobId">) => {
    player.ensureContext();
    player.pause();
    player.load({ ...(started.base === null ? EMPTY_SOURCE : completeSource(started.base)), isComplete: false });
    player.seek(started.base === null ? 0 : lineBefore(started.base.bars, started.base.bars.length - LEAD_IN_BARS));
    player.play();
    const past = clip === null || generatedBars === 0 ? history.past : pushEdit(history, clip, null).past;
    updateSession(() => ({ generation: { ...started, jobId: null }, history: { past, present: null, future: [] } }));
    void runAction(async () => {
      try {
        if (isGenerating && generation.jobId !== null) await cancelJob(generation.jobId);
        const created = await generate(request);
        updateSession(() => ({ generation: { ...started, jobId: created.id } }));
      } catch (error) {
        player.pause();
        updateSession(() => ({ generation, history }));
        throw error;
      }
    });
  };

  const generateClip = () => {
    if (model === undefined) return;
    const { bars, primer } = settings;
    const chosen = primer === null ? { ...settings, tempo: shownTempo(settings, clip) } : settings;
    updateSession(() => ({ settings: chosen }));
    startGeneration(buildRequest(chosen, model.version), { bars: extendBars(primer?.clip.bars ?? [], bars, settings.timeSignature), base: primer?.clip ?? null });
  };

  /** Shows an uploaded file, which the next generation continues; another track of a file that is shown replaces it. */
  const openPrimer = (primer: PrimerFile) => {
    const next = { ...settings, primer, tempo: null, instrument: primer.clip.instrument };
    updateSession((previous) => {
      if (isGenerating) return { settings: next };
      const isShown = previous.history.present?.origin?.id === primer.primerId;
      const history = isShown || clip === null ? { ...previous.history, present: primer.clip } : pushEdit(previous.history, clip, primer.clip);
      return { settings: next, history };
    });
  };

  const failedRequest = job.data?.state === "failed" && generation?.jobId === job.data.id ? retryRequests(job.data.request, stream.jobNotes)[0] : undefined;

  /** Replaces the running job by a job with the new settings, from a bar line that playback has not reached. */
  const regenerateRest = (next: StudioSettings) => {
    if (!isGenerating || generation.jobId === null || clip === null || model === undefined || !model.capabilities.primer || job.data === undefined) return;
    const { jobId } = generation;
    const { bars: requestedBars, time_signature } = job.data.request;
    const fileBars = base?.file === undefined ? 0 : generation.bars.length - requestedBars;
    const bars = Math.max(fileBars, barsToKeep(clip.bars, generatedBars, player.position, player.isPlaying));
    if (bars === 0 || bars >= generation.bars.length) return;
    const opened = firstBars(clip, bars);
    const previousJob = job.data;
    updateSession(() => ({ generation: { ...generation, jobId: null, base: opened } }));
    void runAction(async () => {
      try {
        const opening = opened.file === undefined ? await uploadOpening(jobId, opened) : await uploadFileOpening(previousJob, bars, fileBars);
        const settings = { ...next, primer: null, timeSignature: time_signature ?? null };
        const created = await generate({ ...buildRequest(settings, model.version, opening.bars), ...opening, bars: generation.bars.length - opening.bars });
        updateSession(() => ({ generation: { ...generation, jobId: created.id, base: opened } }));
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
    settings, updateSettings, models, versions, model, generation, job, stream, clip, generatedBars, isGenerating, isPlaying, player, runAction,
    error: error ?? (base?.file === undefined ? null : finished.error),
    generate: generateClip,
    openPrimer,
    /** Starts the failed job again; null unless the job has failed. */
    retry: failedRequest !== undefined && generation !== null ? () => startGeneration(failedRequest, generation) : null,
    stop: () =>
      runAction(async () => {
        if (generation?.jobId != null) await cancelJob(generation.jobId);
      }),
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    edit: (next: Clip) => clip !== null && updateSession((previous) => ({ history: pushEdit(previous.history, clip, next) })),
    undo: () => updateSession((previous) => ({ history: undo(previous.history) })),
    redo: () => clip !== null && updateSession((previous) => ({ history: redo(previous.history, clip) })),
    /** Whether the clip is what the job generated, from its first bar. */
    isUnedited: history.present === null && base === null && melody.id !== null,
  };
}

export type Studio = ReturnType<typeof useStudio>;

/** Removes the settings from the address after they have been copied to the session. */
function clearLinkQuery(): void {
  if (location.search !== "") window.history.replaceState(null, "", location.pathname);
}
