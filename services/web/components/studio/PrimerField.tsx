"use client";

import { type DragEvent, useRef, useState } from "react";

import { Button } from "@/components/controls/Button";
import { Icon } from "@/components/controls/Icon";
import { Select } from "@/components/controls/Select";
import { uploadPrimer } from "@/lib/api/endpoints";
import { readTiming } from "@/lib/studio/fileTiming";
import { describeKept, pitchedTracks, type PrimerFile } from "@/lib/studio/primerTracks";

import type { Studio } from "./useStudio";

/** Uploads the MIDI file that a generation continues. */
export function PrimerField({ studio: { settings, updateSettings, model, runAction } }: { studio: Studio }) {
  const input = useRef<HTMLInputElement>(null);
  const [isDragOver, setIsDragOver] = useState(false);
  const { primer } = settings;
  const isSupported = model?.capabilities.primer === true;
  if (!isSupported && primer === null) return null;
  const upload = (file: File | undefined) =>
    file !== undefined &&
    void runAction(async () => {
      const [{ id, bars, track, tracks }, timing] = await Promise.all([uploadPrimer(file), readTiming(file)]);
      const primer = { primerId: id, name: file.name, bars, track, tracks, ...timing };
      const instrument = tracks.length > 1 ? settings.instrument : (tracks[0]?.program ?? 0);
      updateSettings({ primer, tempo: null, instrument });
    });
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsDragOver(false);
    upload(event.dataTransfer.files[0]);
  };
  if (primer !== null) {
    return (
      <div>
        <div className="flex items-center gap-2 rounded-lg border border-line bg-raised py-1 pr-1 pl-3 text-sm">
          <span className="min-w-0 flex-1 truncate">
            Continues <strong className="font-medium">{primer.name}</strong>, {primer.bars} bars
          </span>
          <Button kind="quiet" aria-label={`Remove ${primer.name}`} onClick={() => updateSettings({ primer: null })}>
            <Icon name="close" />
          </Button>
        </div>
        <TrackSelect primer={primer} onChange={(track) => updateSettings({ primer: { ...primer, track } })} />
        {!isSupported && <p className="mt-1 text-xs text-bad">{model?.version ?? "This model"} cannot continue a MIDI file.</p>}
      </div>
    );
  }
  return (
    <div>
      <input ref={input} type="file" accept=".mid,.midi,.kar,.rmi,.musicxml,.mxl,.abc,audio/midi" aria-label="MIDI file to continue" className="sr-only" tabIndex={-1} onChange={({ target }) => upload(target.files?.[0])} />
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
function TrackSelect({ primer, onChange }: { primer: PrimerFile; onChange: (track: number) => void }) {
  const pitched = pitchedTracks(primer.tracks);
  const kept = describeKept(primer);
  return (
    <div className="mt-2 flex flex-col gap-1">
      {pitched.length > 1 && (
        <Select label="Track to continue" value={primer.track ?? 0} onChange={(track) => onChange(Number(track))}>
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
