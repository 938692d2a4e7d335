"use client";

// The tempo: a number, or the tempos of the file that is continued or shown.
import { useId } from "react";

import { Button } from "@/components/controls/Button";
import { Icon } from "@/components/controls/Icon";
import { otherTracks } from "@/lib/music/clip";
import { formatTempo } from "@/lib/music/time";
import { shownTempo } from "@/lib/studio/settings";

import type { Studio } from "./useStudio";

export function TempoField({ studio: { clip, settings, updateSettings } }: { studio: Studio }) {
  const id = useId();
  const { primer, tempo } = settings;
  const hasFile = primer !== null || (clip !== null && (otherTracks(clip).length > 0 || (clip.file?.tempos.length ?? 0) > 1));
  const shown = shownTempo(settings, clip);
  return (
    <div className={`flex flex-1 items-center gap-2 text-sm ${hasFile ? "min-w-72 sm:max-w-96" : "min-w-40 sm:max-w-72"}`}>
      <label htmlFor={id} className="text-soft">
        Tempo
      </label>
      <input id={id} type="range" className="min-w-16" min={40} max={240} value={shown} onChange={({ target }) => updateSettings({ tempo: target.valueAsNumber })} />
      <output htmlFor={id} className="min-w-8 shrink-0 text-right tabular-nums">
        {formatTempo(shown)}
        {hasFile && tempo === null && <span className="text-soft"> from the file</span>}
      </output>
      {hasFile && tempo !== null && (
        <Button kind="quiet" aria-label="Tempo of the file" title="Tempo of the file" onClick={() => updateSettings({ tempo: null })}>
          <Icon name="undo" />
        </Button>
      )}
    </div>
  );
}
