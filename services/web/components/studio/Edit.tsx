"use client";

// What can be done to a piece that is written: transpose, undo, take it away.
import { useState } from "react";

import { Button } from "@/components/controls/Button";
import { Icon } from "@/components/controls/Icon";
import { useAnnounce } from "@/components/shell/Announcer";
import { engrave, getMidi } from "@/lib/api/calls";
import type { Job } from "@/lib/api/wire";
import { type Piece, transpose } from "@/lib/music/piece";
import { download } from "@/lib/studio/download";
import { linkOf } from "@/lib/studio/settings";

import type { Studio } from "./useStudio";

export function Edit({ studio }: { studio: Studio }) {
  const { piece, isWriting, canUndo, canRedo } = studio;
  const [making, setMaking] = useState<string | null>(null);
  const isReady = piece !== null && !isWriting && piece.notes.length > 0;
  const takeAway = async (format: string, taken: Piece) => {
    setMaking(format);
    await studio.attempt(() => take(format, taken, studio));
    setMaking(null);
  };
  const move = (semitones: number) => {
    const moved = piece && transpose(piece, semitones);
    if (moved !== null) studio.edit(moved);
  };
  return (
    <div className="flex flex-wrap items-center gap-1" role="group" aria-label="Edit and take away">
      <Button kind="quiet" aria-label="Undo" title="Undo (Ctrl+Z)" disabled={!canUndo || isWriting} onClick={studio.undo}>
        <Icon name="undo" />
      </Button>
      <Button kind="quiet" aria-label="Redo" title="Redo (Ctrl+Shift+Z)" disabled={!canRedo || isWriting} onClick={studio.redo}>
        <Icon name="redo" />
      </Button>
      <span className="ml-2 text-sm text-soft">Transpose</span>
      <Button kind="quiet" aria-label="Down a semitone" disabled={!isReady} onClick={() => move(-1)}>
        <Icon name="down" />
      </Button>
      <Button kind="quiet" aria-label="Up a semitone" disabled={!isReady} onClick={() => move(1)}>
        <Icon name="up" />
      </Button>
      <span className="grow" />
      <CopyLink job={studio.job.data} isAsWritten={studio.melodyId !== null} />
      {["MIDI", "WAV", "MusicXML"].map((format) => (
        <Button key={format} aria-busy={making === format} disabled={!isReady || making !== null} onClick={() => piece && void takeAway(format, piece)}>
          <Icon name="download" className={making === format ? "animate-pulse" : ""} /> {format}
        </Button>
      ))}
    </div>
  );
}

/** The server's own file, with its receipt, as long as the piece is what was written. */
async function take(format: string, piece: Piece, { melodyId, job, player }: Studio): Promise<void> {
  const request = job.data?.request;
  const name = `ostinato-${request?.model ?? "piece"}-${request?.seed ?? "edited"}`;
  if (format === "WAV") {
    const { render, wav } = await import("@/lib/audio/render");
    const sound = await (player.voice?.render?.(piece) ?? render(piece));
    download(wav(sound), `${name}.wav`);
    return;
  }
  if (format === "MusicXML") {
    const { notes, tempo, instrument } = piece;
    download(await engrave({ notes: [...notes], tempo, instrument, title: name }), `${name}.musicxml`);
    return;
  }
  const isAsAsked = request?.tempo === piece.tempo && request.instrument === piece.instrument;
  const midi = melodyId !== null && isAsAsked ? await getMidi(melodyId) : await written(piece);
  download(midi, `${name}.mid`);
}

async function written(piece: Piece): Promise<Blob> {
  const { writeMidi } = await import("@/lib/music/midi");
  return new Blob([writeMidi(piece)], { type: "audio/midi" });
}

function CopyLink({ job, isAsWritten }: { job: Job | undefined; isAsWritten: boolean }) {
  const announce = useAnnounce();
  const [isCopied, setIsCopied] = useState(false);
  const link = job && isAsWritten ? linkOf(job.request) : null;
  const copy = async () => {
    await navigator.clipboard.writeText(`${location.origin}/?${link ?? ""}`);
    setIsCopied(true);
    announce("The link is copied.");
    setTimeout(() => setIsCopied(false), 2_000);
  };
  return (
    <Button disabled={link === null} title="A link that writes this very piece again" onClick={() => void copy()}>
      <Icon name="link" /> {isCopied ? "Copied" : "Link"}
    </Button>
  );
}
