"use client";

// The piano roll: shows notes, follows the playhead, and selects bars by pointer or keyboard.
import { type KeyboardEvent, type PointerEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { Note } from "@/lib/api/types";
import { barAt, barRange, type Bars, barsIn, beatsOf, endOf, formatBarBeat } from "@/lib/music/bars";
import type { Scale } from "@/lib/music/scale";
import { type Range, TICKS_PER_QUARTER } from "@/lib/music/time";

import { drawPlayhead, drawRoll, type Scene, toDrawnTrack } from "./drawRoll";
import { paletteOf } from "./palette";
import { scaledContext, useIsDark, useSize } from "./useCanvas";
import { fitView, followPlayhead, KEYBOARD_WIDTH, pitchRangeOf, RULER_HEIGHT, scroll, tickAt, type View, zoom } from "./view";

interface Props {
  label: string;
  notes: readonly Note[];
  /** The notes of other tracks, drawn behind. */
  others?: readonly (readonly Note[])[];
  bars: Bars;
  /** Number of bars that have been generated. */
  generatedBars: number;
  scale?: Scale | null;
  selection?: Range | null;
  /** Returns the position of the playhead in ticks. */
  getPosition: () => number;
  isPlaying: boolean;
  onSeek: (tick: number) => void;
  onSelect?: (range: Range | null) => void;
  className?: string;
}

const NO_TRACKS: readonly (readonly Note[])[] = [];

export function PianoRoll({ label, notes, others = NO_TRACKS, bars, generatedBars, scale = null, selection = null, getPosition, isPlaying, onSeek, onSelect, className = "" }: Props) {
  const container = useRef<HTMLDivElement>(null);
  const sceneCanvas = useRef<HTMLCanvasElement>(null);
  const playheadCanvas = useRef<HTMLCanvasElement>(null);
  const drag = useRef<{ x: number; bar: number | null; hasMoved: boolean } | null>(null);
  const size = useSize(container);
  const isDark = useIsDark();
  const [chosenView, setView] = useState<View | null>(null);
  const [playheadTick, setPlayheadTick] = useState(0);
  const end = endOf(bars);
  const fittedView = useMemo(() => fitView(end, size.width), [end, size.width]);
  const view = chosenView ?? fittedView;

  const scene: Scene = useMemo(
    () => ({
      ...size, view, bars, generatedBars, scale, selection,
      pitchRange: pitchRangeOf([notes, ...others].flat()),
      tracks: [...others, notes].map(toDrawnTrack),
      palette: paletteOf(isDark),
    }),
    [size, view, notes, others, bars, generatedBars, scale, selection, isDark],
  );

  useEffect(() => {
    const canvas = sceneCanvas.current && scaledContext(sceneCanvas.current, size);
    if (canvas) drawRoll(canvas, scene);
  }, [scene, size]);

  const updatePlayhead = useCallback(() => {
    const canvas = playheadCanvas.current && scaledContext(playheadCanvas.current, size);
    if (canvas) drawPlayhead(canvas, scene, getPosition());
  }, [scene, size, getPosition]);

  useEffect(() => {
    let frame = requestAnimationFrame(function next() {
      updatePlayhead();
      setPlayheadTick(Math.floor(getPosition() / TICKS_PER_QUARTER) * TICKS_PER_QUARTER);
      setView((previous) => previous && isPlaying ? followPlayhead(previous, getPosition(), end, size.width) : previous);
      if (isPlaying) frame = requestAnimationFrame(next);
    });
    return () => cancelAnimationFrame(frame);
  }, [updatePlayhead, isPlaying, getPosition, end, size.width]);

  const zoomBy = useCallback(
    (factor: number, x: number) => setView((previous) => zoom(previous ?? fittedView, factor, x, end, size.width)),
    [fittedView, end, size.width],
  );

  useEffect(() => {
    const element = container.current;
    const handleWheel = (event: WheelEvent) => {
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (!event.ctrlKey && sideways === 0) return;
      event.preventDefault();
      if (event.ctrlKey) zoomBy(Math.exp(-event.deltaY / 200), event.offsetX);
      else setView((previous) => scroll(previous ?? fittedView, sideways, end, size.width));
    };
    element?.addEventListener("wheel", handleWheel, { passive: false });
    return () => element?.removeEventListener("wheel", handleWheel);
  }, [zoomBy, fittedView, end, size.width]);

  const barUnder = (x: number) => barAt(bars, tickAt(view, x));

  const startDrag = ({ nativeEvent: { offsetX, offsetY, pointerId }, currentTarget }: PointerEvent) => {
    if (offsetX < KEYBOARD_WIDTH) return;
    const isSelecting = offsetY < RULER_HEIGHT && onSelect !== undefined;
    drag.current = { x: offsetX, bar: isSelecting ? barUnder(offsetX) : null, hasMoved: false };
    currentTarget.setPointerCapture(pointerId);
  };
  const handleDrag = ({ nativeEvent: { offsetX } }: PointerEvent) => {
    if (drag.current === null || (Math.abs(offsetX - drag.current.x) < 4 && !drag.current.hasMoved)) return;
    drag.current.hasMoved = true;
    if (drag.current.bar !== null) onSelect?.(barRange(bars, drag.current.bar, barUnder(offsetX)));
    else {
      const pixels = drag.current.x - offsetX;
      drag.current.x = offsetX;
      setView((previous) => scroll(previous ?? fittedView, pixels, end, size.width));
    }
  };
  const endDrag = ({ nativeEvent: { offsetX } }: PointerEvent) => {
    const { hasMoved, bar } = drag.current ?? { hasMoved: true, bar: null };
    drag.current = null;
    if (hasMoved) return;
    if (bar !== null) onSelect?.(selection?.from === bars[bar]?.[0] ? null : barRange(bars, bar, bar));
    else onSeek(Math.max(0, tickAt(view, offsetX)));
  };

  const handleKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step !== 0 && event.shiftKey && onSelect !== undefined) {
      const selected = selection === null ? [] : barsIn(bars, selection);
      const first = selected[0] ?? barAt(bars, getPosition());
      const last = Math.min(bars.length - 1, Math.max(first, first + selected.length - 1 + step));
      onSelect(barRange(bars, first, selected.length === 0 ? first : last));
    } else if (step !== 0) {
      const lines = bars.flatMap((bar) => (event.ctrlKey ? [bar[0]] : beatsOf(bar)));
      onSeek(nextLine([...lines, end], getPosition(), step));
    } else if (event.key === "Home") onSeek(0);
    else if (event.key === "End") onSeek(end);
    else if (event.key === "+" || event.key === "=") zoomBy(1.4, size.width / 2);
    else if (event.key === "-") zoomBy(1 / 1.4, size.width / 2);
    else if (event.key === "0") setView(null);
    else if (event.key === "Escape") onSelect?.(null);
    else return;
    event.preventDefault();
    requestAnimationFrame(updatePlayhead);
  };

  return (
    <div
      ref={container}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={end}
      aria-valuenow={Math.min(playheadTick, end)}
      aria-valuetext={`Bar ${formatBarBeat(bars, playheadTick)} of ${bars.length}, ${notes.length} notes, ${generatedBars} bars generated`}
      onKeyDown={handleKey}
      onPointerDown={startDrag}
      onPointerMove={handleDrag}
      onPointerUp={endDrag}
      onPointerCancel={() => (drag.current = null)}
      className={`relative touch-pan-y overflow-hidden rounded-xl border border-line select-none ${className}`}
    >
      <canvas ref={sceneCanvas} className="pointer-events-none absolute inset-0 size-full" />
      <canvas ref={playheadCanvas} className="pointer-events-none absolute inset-0 size-full" />
    </div>
  );
}

/** The line (in ascending order) that is `step` lines from the one nearest to a position. */
function nextLine(lines: readonly number[], position: number, step: number): number {
  const nearest = lines.reduce((best, line, i) => (Math.abs(line - position) < Math.abs((lines[best] ?? 0) - position) ? i : best), 0);
  return lines[Math.min(Math.max(0, nearest + step), lines.length - 1)] ?? 0;
}
