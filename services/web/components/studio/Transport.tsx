"use client";

// Transport controls: play, position, loop, metronome, other tracks, tempo, volume.
import { useEffect, useState } from "react";

import { Button } from "@/components/controls/Button";
import { Icon } from "@/components/controls/Icon";
import type { TempoMark } from "@/lib/api/types";
import { type Bars, formatBarBeat } from "@/lib/music/bars";
import { otherTracks, temposOf } from "@/lib/music/clip";
import { formatClock, secondsAt } from "@/lib/music/time";

import { TempoField } from "./TempoField";
import type { PlaybackSettings } from "./usePlaybackSettings";
import type { Studio } from "./useStudio";

interface Props {
  studio: Studio;
  playback: PlaybackSettings;
}

export function Transport({ studio, playback }: Props) {
  const { player, isPlaying, clip } = studio;
  const isReady = clip !== null;
  const hasOtherTracks = clip !== null && otherTracks(clip).length > 0;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-2xl border border-line bg-panel px-3 py-2" role="group" aria-label="Playback">
      <div className="flex items-center gap-1">
        <Button kind="quiet" aria-label="Back to the start" disabled={!isReady} onClick={() => player.seek(0)}>
          <Icon name="start" />
        </Button>
        <Button
          kind="primary"
          className="min-h-12 min-w-12 rounded-full!"
          aria-label={isPlaying ? "Pause" : "Play"}
          disabled={!isReady}
          onClick={() => (isPlaying ? player.pause() : player.play())}
        >
          <Icon name={isPlaying ? "pause" : "play"} />
        </Button>
        <Toggle name="loop" label={playback.hasRange ? "Loop the selected bars" : "Loop the melody"} isPressed={playback.isLooping} onClick={() => playback.update({ isLooping: !playback.isLooping })} />
        <Toggle name="metronome" label="Metronome" isPressed={playback.hasMetronome} onClick={() => playback.update({ hasMetronome: !playback.hasMetronome })} />
      </div>
      <Position bars={clip?.bars ?? []} tempos={temposOf(clip ?? { tempo: null })} getPosition={() => player.position} isPlaying={isPlaying} />
      <TempoField studio={studio} />
      {hasOtherTracks && (
        <Button kind="quiet" aria-pressed={playback.hasOtherTracks} title="Play the other tracks of the file" onClick={() => playback.update({ hasOtherTracks: !playback.hasOtherTracks })}>
          <Icon name={playback.hasOtherTracks ? "volume" : "muted"} /> Other tracks
        </Button>
      )}
      <div className="flex min-w-40 flex-1 items-center gap-1 sm:max-w-56">
        <Toggle name={playback.isMuted ? "muted" : "volume"} label="Mute" isPressed={playback.isMuted} onClick={() => playback.update({ isMuted: !playback.isMuted })} />
        <input aria-label="Volume" type="range" min={0} max={1} step={0.01} value={playback.volume} onChange={({ target }) => playback.update({ volume: target.valueAsNumber })} />
      </div>
    </div>
  );
}

function Toggle({ name, label, isPressed, onClick }: { name: "loop" | "metronome" | "volume" | "muted"; label: string; isPressed: boolean; onClick: () => void }) {
  return (
    <Button kind="quiet" aria-label={label} title={label} aria-pressed={isPressed} onClick={onClick}>
      <Icon name={name} />
    </Button>
  );
}

function Position({ bars, tempos, getPosition, isPlaying }: { bars: Bars; tempos: readonly TempoMark[]; getPosition: () => number; isPlaying: boolean }) {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick(getPosition()), isPlaying ? 100 : 300);
    return () => clearInterval(timer);
  }, [getPosition, isPlaying]);
  return (
    <p className="w-24 text-sm tabular-nums" data-testid="position">
      <span className="text-lg">{formatBarBeat(bars, tick)}</span>
      <span className="ml-2 text-soft">{formatClock(secondsAt(tempos, tick))}</span>
    </p>
  );
}
