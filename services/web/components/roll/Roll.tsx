"use client";

// The piano roll: shows a piece, follows the playhead, and lets bars be chosen by pointer or keyboard.
import { type KeyboardEvent, type PointerEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { Note } from "@/lib/api/wire";
import type { Scale } from "@/lib/music/scale";
import { barAndBeat, barRange, type Range, TICKS_PER_BAR, TICKS_PER_QUARTER } from "@/lib/music/time";

import { drawPlayhead, drawRoll, type Scene } from "./draw";
import { paletteOf } from "./palette";
import { sharp, useIsDark, useSize } from "./useCanvas";
import { fit, follow, KEYBOARD, pitchesOf, RULER, scroll, tickAt, type View, zoom } from "./view";

interface Props {
  label: string;
  notes: readonly Note[];
  bars: number;
  /** Bars that are written. */
  written: number;
  scale?: Scale | null;
  selection?: Range | null;
  /** Where the playhead is now. */
  position: () => number;
  isPlaying: boolean;
  onSeek: (tick: number) => void;
  onSelect?: (range: Range | null) => void;
  className?: string;
}

export function Roll({ label, notes, bars, written, scale = null, selection = null, position, isPlaying, onSeek, onSelect, className = "" }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const moving = useRef<HTMLCanvasElement>(null);
  const drag = useRef<{ x: number; bar: number | null; moved: boolean } | null>(null);
  const size = useSize(place);
  const isDark = useIsDark();
  const [chosen, setView] = useState<View | null>(null);
  const [heard, setHeard] = useState(0);
  const end = bars * TICKS_PER_BAR;
  const whole = useMemo(() => fit(bars, size.width), [bars, size.width]);
  const view = chosen ?? whole;

  const scene: Scene = useMemo(
    () => ({
      ...size, view, notes, bars, written, scale, selection,
      pitches: pitchesOf(notes),
      longest: notes.reduce((most, [, duration]) => Math.max(most, duration), 0),
      palette: paletteOf(isDark),
    }),
    [size, view, notes, bars, written, scale, selection, isDark],
  );

  useEffect(() => {
    const canvas = still.current && sharp(still.current, size);
    if (canvas) drawRoll(canvas, scene);
  }, [scene, size]);

  const drawMoving = useCallback(() => {
    const canvas = moving.current && sharp(moving.current, size);
    if (canvas) drawPlayhead(canvas, scene, position());
  }, [scene, size, position]);

  useEffect(() => {
    let frame = requestAnimationFrame(function next() {
      drawMoving();
      setHeard(Math.floor(position() / TICKS_PER_QUARTER) * TICKS_PER_QUARTER);
      setView((was) => was && isPlaying ? follow(was, position(), end, size.width) : was);
      if (isPlaying) frame = requestAnimationFrame(next);
    });
    return () => cancelAnimationFrame(frame);
  }, [drawMoving, isPlaying, position, end, size.width]);

  const zoomBy = useCallback(
    (factor: number, x: number) => setView((was) => zoom(was ?? whole, factor, x, end, size.width)),
    [whole, end, size.width],
  );

  useEffect(() => {
    const element = place.current;
    const turn = (event: WheelEvent) => {
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (!event.ctrlKey && sideways === 0) return;
      event.preventDefault();
      if (event.ctrlKey) zoomBy(Math.exp(-event.deltaY / 200), event.offsetX);
      else setView((was) => scroll(was ?? whole, sideways, end, size.width));
    };
    element?.addEventListener("wheel", turn, { passive: false });
    return () => element?.removeEventListener("wheel", turn);
  }, [zoomBy, whole, end, size.width]);

  const barAt = (x: number) => Math.min(bars - 1, Math.max(0, Math.floor(tickAt(view, x) / TICKS_PER_BAR)));

  const down = ({ nativeEvent: { offsetX, offsetY, pointerId }, currentTarget }: PointerEvent) => {
    if (offsetX < KEYBOARD) return;
    const isChoosing = offsetY < RULER && onSelect !== undefined;
    drag.current = { x: offsetX, bar: isChoosing ? barAt(offsetX) : null, moved: false };
    currentTarget.setPointerCapture(pointerId);
  };
  const move = ({ nativeEvent: { offsetX } }: PointerEvent) => {
    if (drag.current === null || (Math.abs(offsetX - drag.current.x) < 4 && !drag.current.moved)) return;
    drag.current.moved = true;
    if (drag.current.bar !== null) onSelect?.(barRange(drag.current.bar, barAt(offsetX)));
    else {
      const pixels = drag.current.x - offsetX;
      drag.current.x = offsetX;
      setView((was) => scroll(was ?? whole, pixels, end, size.width));
    }
  };
  const up = ({ nativeEvent: { offsetX } }: PointerEvent) => {
    const { moved, bar } = drag.current ?? { moved: true, bar: null };
    drag.current = null;
    if (moved) return;
    if (bar !== null) onSelect?.(selection?.from === bar * TICKS_PER_BAR ? null : barRange(bar, bar));
    else onSeek(Math.max(0, tickAt(view, offsetX)));
  };

  const key = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step !== 0 && event.shiftKey && onSelect !== undefined) {
      const bar = Math.floor(position() / TICKS_PER_BAR);
      const first = selection === null ? bar : selection.from / TICKS_PER_BAR;
      const last = selection === null ? bar : Math.min(bars - 1, Math.max(first, selection.to / TICKS_PER_BAR - 1 + step));
      onSelect(barRange(first, last));
    } else if (step !== 0) {
      const unit = event.ctrlKey ? TICKS_PER_BAR : TICKS_PER_QUARTER;
      const at = Math.round(position() / unit + step) * unit;
      onSeek(Math.min(Math.max(0, at), end));
    } else if (event.key === "Home") onSeek(0);
    else if (event.key === "End") onSeek(end);
    else if (event.key === "+" || event.key === "=") zoomBy(1.4, size.width / 2);
    else if (event.key === "-") zoomBy(1 / 1.4, size.width / 2);
    else if (event.key === "0") setView(null);
    else if (event.key === "Escape") onSelect?.(null);
    else return;
    event.preventDefault();
    requestAnimationFrame(drawMoving);
  };

  return (
    <div
      ref={place}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={end}
      aria-valuenow={Math.min(heard, end)}
      aria-valuetext={`Bar ${barAndBeat(heard)} of ${bars}, ${notes.length} notes, ${written} bars written`}
      onKeyDown={key}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={() => (drag.current = null)}
      className={`relative touch-pan-y overflow-hidden rounded-xl border border-line select-none ${className}`}
    >
      <canvas ref={still} className="pointer-events-none absolute inset-0 size-full" />
      <canvas ref={moving} className="pointer-events-none absolute inset-0 size-full" />
    </div>
  );
}
