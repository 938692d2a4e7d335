"use client";

// The studio's state: what is set, what is being written, what was made of it, what is heard.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { useAnnounce } from "@/components/shell/Announcer";
import { useIsPlaying, usePlayer } from "@/components/shell/player";
import { cancel, generate } from "@/lib/api/calls";
import { useJob, useModels, usePerformance } from "@/lib/api/queries";
import { type GenerationRequest, hasEnded, playableOf } from "@/lib/api/wire";
import { retries } from "@/lib/batch/retries";
import { partOf } from "@/lib/music/performance";
import { before, lengthOf, type Piece } from "@/lib/music/piece";
import { TICKS_PER_BAR } from "@/lib/music/time";
import { edit, redo, undo } from "@/lib/studio/history";
import { postOpening } from "@/lib/studio/regenerate";
import { keepSession, openSession, type Session } from "@/lib/studio/session";
import { barsToKeep, requestOf, type Settings } from "@/lib/studio/settings";

const SETTLED = 400;

export function useStudio() {
  const player = usePlayer();
  const isPlaying = useIsPlaying();
  const announce = useAnnounce();
  const models = useModels();
  const [session, setSession] = useState<Session>(openSession);
  const [failure, setFailure] = useState<unknown>(null);
  const knob = useRef<ReturnType<typeof setTimeout>>(undefined);
  const { settings, work, history } = session;

  const playable = playableOf(models.data);
  const model = playable.find(({ version }) => version === settings.model) ?? playable[0];
  const heard = usePerformance(work?.jobId ?? null);
  const job = useJob(work?.jobId ?? null);

  useEffect(() => keepSession(session), [session]);
  useEffect(() => forgetLink(), []);

  const isWriting = work !== null && history.present === null && !hasEnded(heard.performance.state) && heard.failure === null;
  const part = partOf(heard.performance, 0);
  const kept = work?.kept ?? null;
  const isAhead = kept === null || part.bars >= kept.bars;
  const written = history.present?.bars ?? (isAhead ? part.bars : kept.bars);
  const piece: Piece | null = useMemo(() => {
    const sound = { tempo: settings.tempo, instrument: settings.instrument };
    if (history.present !== null) return { ...history.present, ...sound };
    if (work === null) return null;
    return { notes: isAhead ? part.notes : kept.notes, bars: work.bars, ...sound };
  }, [history.present, work, isAhead, part.notes, kept, settings.tempo, settings.instrument]);

  useEffect(() => {
    if (piece === null) return;
    player.load({ notes: piece.notes, end: isWriting ? written * TICKS_PER_BAR : lengthOf(piece), isComplete: !isWriting });
  }, [player, piece, written, isWriting]);

  useEffect(() => {
    if (heard.performance.state === "succeeded") announce("The piece is written.");
    if (heard.performance.state === "running") announce("The piece is being written.");
  }, [announce, heard.performance.state]);

  const change = useCallback((next: (was: Session) => Partial<Session>) => setSession((was) => ({ ...was, ...next(was) })), []);
  const attempt = useCallback(async (deed: () => Promise<void>) => {
    setFailure(null);
    try {
      await deed();
    } catch (problem) {
      setFailure(problem);
    }
  }, []);

  const begin = (request: GenerationRequest, bars: number, stays: Piece | null) => {
    player.open();
    player.pause();
    player.load({ notes: [], end: 0, isComplete: false });
    player.seek(0);
    player.play();
    const past = piece === null || written === 0 ? history.past : edit(history, piece, null).past;
    change(() => ({ work: { jobId: null, bars, kept: stays }, history: { past, present: null, future: [] } }));
    void attempt(async () => {
      try {
        if (isWriting && work.jobId !== null) await cancel(work.jobId);
        const asked = await generate(request);
        change(() => ({ work: { jobId: asked.id, bars, kept: stays } }));
      } catch (problem) {
        player.pause();
        change(() => ({ work, history }));
        throw problem;
      }
    });
  };

  const write = () => {
    if (model !== undefined) begin(requestOf(settings, model.version), settings.bars + (settings.theme?.bars ?? 0), null);
  };

  const failed = job.data?.state === "failed" && work?.jobId === job.data.id ? retries(job.data.request, heard.performance)[0] : undefined;

  /** The rest of the piece as it is now set, from a bar line that the listener has not reached. */
  const tune = (next: Settings) => {
    if (!isWriting || work.jobId === null || piece === null || model === undefined || !model.capabilities.primer) return;
    const bars = barsToKeep(written, player.position, player.isPlaying);
    if (bars === 0 || bars >= work.bars) return;
    const old = work.jobId;
    const base = { ...piece, bars, notes: before(piece.notes, bars * TICKS_PER_BAR) };
    change(() => ({ work: { jobId: null, bars: work.bars, kept: base } }));
    void attempt(async () => {
      try {
        const [primer] = await Promise.all([postOpening(base, bars), cancel(old)]);
        const rest = { ...requestOf(next, model.version, primer.bars), bars: work.bars - primer.bars, primer_id: primer.id };
        const asked = await generate(rest);
        change(() => ({ work: { jobId: asked.id, bars: work.bars, kept: base } }));
      } catch (problem) {
        change(() => ({ work }));
        throw problem;
      }
    });
  };
  const tuneLatest = useRef(tune);
  useEffect(() => {
    tuneLatest.current = tune;
  });

  const set = (changes: Partial<Settings>) => {
    const next = { ...settings, ...changes };
    change(() => ({ settings: next }));
    clearTimeout(knob.current);
    if (changes.sampling !== undefined) knob.current = setTimeout(() => tuneLatest.current(next), SETTLED);
  };

  return {
    settings, set, models, playable, model, work, job, heard, piece, written, isWriting, isPlaying, player, failure, attempt,
    write,
    /** null unless the job has failed. */
    retry: failed !== undefined && work !== null ? () => begin(failed, work.bars, work.kept) : null,
    stop: () =>
      attempt(async () => {
        if (work?.jobId != null) await cancel(work.jobId);
      }),
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    edit: (next: Piece) => piece !== null && change((was) => ({ history: edit(was.history, piece, next) })),
    undo: () => change((was) => ({ history: undo(was.history) })),
    redo: () => piece !== null && change((was) => ({ history: redo(was.history, piece) })),
    /** The piece is what the job wrote, to the note. */
    melodyId: history.present === null && kept === null ? part.id : null,
  };
}

export type Studio = ReturnType<typeof useStudio>;

/** A link has been read: from now on the session is what counts. */
function forgetLink(): void {
  if (location.search !== "") window.history.replaceState(null, "", location.pathname);
}
