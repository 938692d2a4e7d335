"use client";

// Toolbar of the Studio page: undo, redo, transpose, copy a link, download.
import { useState } from "react";

import { Button } from "@/components/controls/Button";
import { Icon } from "@/components/controls/Icon";
import { useAnnounce } from "@/components/shell/Announcer";
import { engrave, getMidi } from "@/lib/api/endpoints";
import type { GenerationJob } from "@/lib/api/types";
import { type Clip, temposOf, tracksOf, transpose, unchangedFile } from "@/lib/music/clip";
import { DEFAULT_TEMPO } from "@/lib/music/time";
import { download } from "@/lib/studio/download";
import { buildLink } from "@/lib/studio/settings";

import type { Studio } from "./useStudio";

export function EditToolbar({ studio }: { studio: Studio }) {
  const { clip, isGenerating, canUndo, canRedo } = studio;
  const [pendingFormat, setPendingFormat] = useState<string | null>(null);
  const isReady = clip !== null && !isGenerating && clip.notes.length > 0;
  const downloadAs = async (format: string, exported: Clip) => {
    setPendingFormat(format);
    await studio.runAction(() => exportClip(format, exported, studio));
    setPendingFormat(null);
  };
  const transposeBy = (semitones: number) => {
    const transposed = clip && transpose(clip, semitones);
    if (transposed !== null) studio.edit(transposed);
  };
  return (
    <div className="flex flex-wrap items-center gap-1" role="group" aria-label="Edit and download">
      <Button kind="quiet" aria-label="Undo" title="Undo (Ctrl+Z)" disabled={!canUndo || isGenerating} onClick={studio.undo}>
        <Icon name="undo" />
      </Button>
      <Button kind="quiet" aria-label="Redo" title="Redo (Ctrl+Shift+Z)" disabled={!canRedo || isGenerating} onClick={studio.redo}>
        <Icon name="redo" />
      </Button>
      <span className="ml-2 text-sm text-soft">Transpose</span>
      <Button kind="quiet" aria-label="Down a semitone" disabled={!isReady} onClick={() => transposeBy(-1)}>
        <Icon name="down" />
      </Button>
      <Button kind="quiet" aria-label="Up a semitone" disabled={!isReady} onClick={() => transposeBy(1)}>
        <Icon name="up" />
      </Button>
      <span className="grow" />
      <CopyLink job={studio.job.data} isUnedited={studio.isUnedited} />
      {["MIDI", "WAV", "MusicXML"].map((format) => (
        <Button key={format} aria-busy={pendingFormat === format} disabled={!isReady || pendingFormat !== null} onClick={() => clip && void downloadAs(format, clip)}>
          <Icon name="download" className={pendingFormat === format ? "animate-pulse" : ""} /> {format}
        </Button>
      ))}
    </div>
  );
}

/** An unedited melody is downloaded from the server, with its receipt. */
async function exportClip(format: string, clip: Clip, { job, player }: Studio): Promise<void> {
  const request = job.data?.request;
  const name = `ostinato-${request?.model ?? "melody"}-${request?.seed ?? "edited"}`;
  if (format === "WAV") {
    const { renderClip, encodeWav } = await import("@/lib/audio/render");
    const audio = await (player.voice?.render?.(clip) ?? renderClip(clip));
    download(encodeWav(audio), `${name}.wav`);
    return;
  }
  if (format === "MusicXML") {
    const tracks = tracksOf(clip).map((track) => ({ ...track, notes: [...track.notes] }));
    const sound = { tempo: DEFAULT_TEMPO, tempos: [...temposOf(clip)], instrument: clip.instrument };
    download(await engrave({ tracks, ...sound, bar_positions: [...clip.bars], title: name }), `${name}.musicxml`);
    return;
  }
  const origin = unchangedFile(clip);
  download(origin === null ? await encodeMidi(clip) : await getMidi(origin), `${name}.mid`);
}

async function encodeMidi(clip: Clip): Promise<Blob> {
  const { writeMidi } = await import("@/lib/music/midi");
  return new Blob([writeMidi(clip)], { type: "audio/midi" });
}

function CopyLink({ job, isUnedited }: { job: GenerationJob | undefined; isUnedited: boolean }) {
  const announce = useAnnounce();
  const [isCopied, setIsCopied] = useState(false);
  const link = job && isUnedited ? buildLink(job.request) : null;
  const copy = async () => {
    await navigator.clipboard.writeText(`${location.origin}/?${link ?? ""}`);
    setIsCopied(true);
    announce("Link copied.");
    setTimeout(() => setIsCopied(false), 2_000);
  };
  return (
    <Button disabled={link === null} title="A link that generates this melody again" onClick={() => void copy()}>
      <Icon name="link" /> {isCopied ? "Copied" : "Link"}
    </Button>
  );
}
