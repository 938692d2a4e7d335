"use client";

import { type DragEvent, useRef, useState } from "react";

import { Button } from "@/components/controls/Button";
import { Icon } from "@/components/controls/Icon";
import { Select } from "@/components/controls/Select";
import { type BarSelection, getPrimerScore, uploadPrimer } from "@/lib/api/endpoints";
import { metresOf } from "@/lib/music/bars";
import { primerClip, tracksOf, withTrack } from "@/lib/music/clip";
import { describeKept, pitchedTracks, type PrimerFile } from "@/lib/studio/primerTracks";
import { unknownMetres } from "@/lib/models/metres";

import { BarSelectionField } from "./BarSelectionField";
import type { Studio } from "./useStudio";

/** Uploads the MIDI file that a generation continues, and shows it. */
export function PrimerField({ studio }: { studio: Studio }) {
  const { settings, updateSettings, model, runAction, openPrimer } = studio;
  const [file, setFile] = useState<File | null>(null);
  const { primer } = settings;
  const isSupported = model?.capabilities.primer === true;
  if (!isSupported && primer === null) return null;
  const upload = (uploaded: File, bars?: BarSelection) => {
    setFile(uploaded);
    void runAction(async () => {
      const { id } = await uploadPrimer(uploaded, bars);
      openPrimer({ primerId: id, name: uploaded.name, clip: primerClip(id, await getPrimerScore(id)) });
    });
  };
  const remove = () => {
    setFile(null);
    updateSettings({ primer: null });
  };
  return (
    <div className="flex flex-col gap-2">
      {primer === null ? <DropZone onFile={upload} /> : <Primer primer={primer} studio={studio} onRemove={remove} />}
      {file !== null && <BarSelectionField key={primer?.primerId} numBars={primer?.clip.bars.length ?? null} onUse={(bars) => upload(file, bars)} />}
    </div>
  );
}

function Primer({ primer, studio: { model, openPrimer }, onRemove }: { primer: PrimerFile; studio: Studio; onRemove: () => void }) {
  const { clip, name } = primer;
  const metres = metresOf(clip.bars);
  const unknown = model === undefined ? [] : unknownMetres(model, clip.bars);
  const version = model?.version ?? "This model";
  return (
    <div>
      <div className="flex items-center gap-2 rounded-lg border border-line bg-raised py-1 pr-1 pl-3 text-sm">
        <span className="min-w-0 flex-1 py-1 wrap-anywhere">
          Continues <strong className="font-medium">{name}</strong>, {clip.bars.length} bars{metres.join() === "4/4" ? "" : ` in ${metres.join(" and ")}`}
        </span>
        <Button kind="quiet" aria-label={`Remove ${name}`} onClick={onRemove}>
          <Icon name="close" />
        </Button>
      </div>
      <TrackSelect primer={primer} onChange={(track) => openPrimer({ ...primer, clip: withTrack(clip, track) })} />
      {model?.capabilities.primer !== true && <p className="mt-1 text-xs text-bad">{version} cannot continue a MIDI file.</p>}
      {unknown.length > 0 && (
        <p className="mt-1 text-xs text-bad">
          {version} does not know {unknown.join(" and ")}.
        </p>
      )}
    </div>
  );
}

function DropZone({ onFile }: { onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [isDragOver, setIsDragOver] = useState(false);
  const receive = (file: File | undefined) => file !== undefined && onFile(file);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsDragOver(false);
    receive(event.dataTransfer.files[0]);
  };
  return (
    <div>
      <input ref={input} type="file" accept=".mid,.midi,.kar,.rmi,.musicxml,.mxl,.abc,audio/midi" aria-label="MIDI file to continue" className="sr-only" tabIndex={-1} onChange={({ target }) => receive(target.files?.[0])} />
      <button
        type="button"
        onClick={() => input.current?.click()}
        onDragOver={(event) => {
          event.preventDefault();
          setIsDragOver(true);
        }}
        onDragLeave={() => setIsDragOver(false)}
        onDrop={drop}
        className={`w-full rounded-lg border border-dashed px-3 py-3 text-sm text-soft hover:text-ink ${isDragOver ? "border-accent" : "border-edge"}`}
      >
        Drop a MIDI file to continue, or choose one
      </button>
    </div>
  );
}

/** The track to continue, if there are several ones, and those that stay as they are. */
function TrackSelect({ primer: { clip }, onChange }: { primer: PrimerFile; onChange: (track: number) => void }) {
  const pitched = pitchedTracks(tracksOf(clip));
  const kept = describeKept(clip);
  return (
    <div className="mt-2 flex flex-col gap-1">
      {pitched.length > 1 && (
        <Select label="Track to continue" value={clip.file?.track ?? 0} onChange={(track) => onChange(Number(track))}>
          {pitched.map(([index, name]) => (
            <option key={index} value={index}>
              {name}
            </option>
          ))}
        </Select>
      )}
      {kept !== "" && <p className="text-xs text-soft">{kept}</p>}
    </div>
  );
}
