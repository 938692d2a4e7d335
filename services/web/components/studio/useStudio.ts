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
import { type Clip, clipOf, firstBars, shiftNotes, withSound } from "@/lib/music/clip";
import { melodyAt } from "@/lib/music/jobNotes";
import { DEFAULT_TEMPO, TICKS_PER_BAR } from "@/lib/music/time";
import { pushEdit, redo, undo } from "@/lib/studio/history";
import { fileOf } from "@/lib/studio/primerTracks";
import { uploadFileOpening, uploadOpening } from "@/lib/studio/regenerate";
import { type Generation, loadSession, saveSession, type Session } from "@/lib/studio/session";
import { barsToKeep, buildRequest, shownTempo, type StudioSettings } from "@/lib/studio/settings";

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

  const melody = melodyAt(stream.jobNotes, 0);
  const finished = useQuery({ queryKey: ["melody", melody.id], queryFn: ({ signal }) => getMelody(melody.id ?? "", signal), enabled: melody.id !== null, staleTime: Infinity });
  const hasEnded = (isTerminal(stream.jobNotes.state) && !finished.isLoading) || stream.error !== null;
  const isGenerating = generation !== null && history.present === null && !hasEnded;
  const base = generation?.base ?? null;
  const isPastBase = base === null || melody.bars >= base.bars;
  const generatedBars = history.present?.bars ?? (isPastBase ? melody.bars : base.bars);
  const clip: Clip | null = useMemo(() => {
    const sound = { tempo: settings.tempo, instrument: settings.instrument };
    if (history.present !== null) return withSound(history.present, sound);
    if (generation === null) return null;
    if (finished.data !== undefined && !isGenerating) return withSound(clipOf(finished.data), sound);
    const { bars, file, rest = 0 } = generation;
    const notes = isPastBase ? shiftNotes(melody.notes, rest) : base.notes;
    return withSound({ notes, bars, tempo: DEFAULT_TEMPO, instrument: file?.tracks[file.track]?.program ?? 0, ...(file && { file }) }, sound);
  }, [history.present, generation, finished.data, isGenerating, isPastBase, melody.notes, base, settings.tempo, settings.instrument]);

  useEffect(() => {
    if (clip === null) return;
    const source = completeSource(clip);
    player.load(isGenerating ? { ...source, end: generatedBars * TICKS_PER_BAR, isComplete: false } : source);
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
    player.load({ ...EMPTY_SOURCE, isComplete: false });
    player.seek(0);
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
    startGeneration(buildRequest(chosen, model.version), {
      ...{ bars: bars + (primer?.bars ?? 0), base: null },
      ...(primer && { file: fileOf(primer), rest: primer.rest }),
    });
  };

  const failedRequest = job.data?.state === "failed" && generation?.jobId === job.data.id ? retryRequests(job.data.request, stream.jobNotes)[0] : undefined;

  /** Replaces the running job by a job with the new settings, from a bar line that playback has not reached. */
  const regenerateRest = (next: StudioSettings) => {
    if (!isGenerating || generation.jobId === null || clip === null || model === undefined || !model.capabilities.primer) return;
    const { file, jobId } = generation;
    if (file !== undefined && job.data === undefined) return;
    const fileBars = file === undefined || job.data === undefined ? 0 : generation.bars - job.data.request.bars;
    const bars = Math.max(fileBars, barsToKeep(generatedBars, player.position, player.isPlaying));
    if (bars === 0 || bars >= generation.bars) return;
    const base = firstBars(clip, bars);
    updateSession(() => ({ generation: { ...generation, jobId: null, base } }));
    void runAction(async () => {
      try {
        const opening = file === undefined || job.data === undefined ? await uploadOpening(jobId, base) : await uploadFileOpening(job.data, bars, fileBars);
        const request = { ...buildRequest({ ...next, primer: null }, model.version, opening.bars), ...opening, bars: generation.bars - opening.bars };
        const created = await generate(request);
        updateSession(() => ({ generation: { ...generation, jobId: created.id, base } }));
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
    error: error ?? (generation?.file === undefined ? null : finished.error),
    generate: generateClip,
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
