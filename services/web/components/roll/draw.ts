// Draws a piano roll on a canvas. Pure but for the canvas: the same scene gives the same picture.
import { firstFrom } from "@/lib/audio/schedule";
import type { Note } from "@/lib/api/wire";
import { belongs, isBlackKey, pitchName, type Scale } from "@/lib/music/scale";
import { type Range, TICKS_PER_BAR, TICKS_PER_QUARTER } from "@/lib/music/time";

import type { Palette } from "./palette";
import { KEYBOARD, type Pitches, RULER, tickAt, type View, xOf } from "./view";

export interface Scene {
  width: number;
  height: number;
  view: View;
  pitches: Pitches;
  notes: readonly Note[];
  /** Longest note, in ticks: how far left of the view one may begin and still be seen. */
  longest: number;
  bars: number;
  /** Bars that are written; the others wait. */
  written: number;
  scale: Scale | null;
  selection: Range | null;
  palette: Palette;
}

type Canvas = CanvasRenderingContext2D;

const laneHeight = ({ height, pitches }: Scene): number => (height - RULER) / (pitches.high - pitches.low + 1);
const yOf = (scene: Scene, pitch: number): number => RULER + (scene.pitches.high - pitch) * laneHeight(scene);

/** Everything but what moves. */
export function drawRoll(canvas: Canvas, scene: Scene): void {
  canvas.fillStyle = scene.palette.outside;
  canvas.fillRect(0, 0, scene.width, scene.height);
  canvas.save();
  canvas.beginPath();
  canvas.rect(KEYBOARD, 0, scene.width - KEYBOARD, scene.height);
  canvas.clip();
  drawLanes(canvas, scene);
  drawBars(canvas, scene);
  drawNotes(canvas, scene);
  drawSelection(canvas, scene);
  canvas.restore();
  drawKeyboard(canvas, scene);
}

/** What moves, on a layer of its own. */
export function drawPlayhead(canvas: Canvas, scene: Scene, tick: number): void {
  canvas.clearRect(0, 0, scene.width, scene.height);
  const x = Math.round(xOf(scene.view, tick));
  if (x < KEYBOARD || x > scene.width) return;
  canvas.fillStyle = scene.palette.playhead;
  canvas.fillRect(x, RULER - 8, 1.5, scene.height);
  canvas.beginPath();
  canvas.moveTo(x - 5, RULER - 9);
  canvas.lineTo(x + 6.5, RULER - 9);
  canvas.lineTo(x + 0.75, RULER - 1);
  canvas.fill();
}

function drawLanes(canvas: Canvas, scene: Scene): void {
  const { pitches, palette, scale, bars, view } = scene;
  const right = Math.min(scene.width, xOf(view, bars * TICKS_PER_BAR));
  canvas.fillStyle = palette.background;
  canvas.fillRect(KEYBOARD, RULER, right - KEYBOARD, scene.height);
  canvas.fillStyle = palette.lane;
  const lane = laneHeight(scene);
  for (let pitch = pitches.low; pitch <= pitches.high; pitch++) {
    const isShaded = scale === null ? isBlackKey(pitch) : !belongs(scale, pitch);
    if (isShaded) canvas.fillRect(KEYBOARD, yOf(scene, pitch), right - KEYBOARD, lane);
  }
}

function drawBars(canvas: Canvas, scene: Scene): void {
  const { view, palette, bars, written } = scene;
  const barWidth = TICKS_PER_BAR / view.ticksPerPixel;
  const unwritten = xOf(view, written * TICKS_PER_BAR);
  const end = xOf(view, bars * TICKS_PER_BAR);
  if (written < bars) {
    canvas.fillStyle = palette.unwritten;
    canvas.fillRect(unwritten, RULER, end - unwritten, scene.height);
  }
  const every = [1, 2, 4, 8, 16, 32, 64].find((step) => step * barWidth >= 34) ?? 128;
  canvas.font = "11px system-ui, sans-serif";
  canvas.textBaseline = "middle";
  const first = Math.max(0, Math.floor(view.from / TICKS_PER_BAR));
  for (let bar = first; bar <= bars; bar++) {
    const x = Math.round(xOf(view, bar * TICKS_PER_BAR));
    if (x > scene.width) break;
    canvas.fillStyle = palette.beat;
    if (barWidth > 60) {
      for (let beat = 1; beat < 4 && bar < bars; beat++) {
        canvas.fillRect(Math.round(x + (beat * TICKS_PER_QUARTER) / view.ticksPerPixel), RULER, 1, scene.height);
      }
    }
    canvas.fillStyle = palette.bar;
    if (bar % every === 0 || barWidth > 8) canvas.fillRect(x, bar % every === 0 ? 8 : RULER, 1, scene.height);
    canvas.fillStyle = palette.text;
    if (bar % every === 0 && bar < bars) canvas.fillText(String(bar + 1), x + 5, RULER / 2);
  }
}

function drawNotes(canvas: Canvas, scene: Scene): void {
  const { notes, view, palette, longest } = scene;
  const lane = laneHeight(scene);
  const height = Math.max(2, lane - 1);
  const last = tickAt(view, scene.width);
  for (let i = firstFrom(notes, view.from - longest); i < notes.length; i++) {
    const [start, duration, pitch, velocity] = notes[i] as Note;
    if (start > last) break;
    const x = xOf(view, start);
    const width = Math.max(2, duration / view.ticksPerPixel - 1);
    canvas.fillStyle = palette.note(velocity);
    if (width > 6 && height > 5) {
      canvas.beginPath();
      canvas.roundRect(x, yOf(scene, pitch) + 0.5, width, height, Math.min(3, height / 2));
      canvas.fill();
    } else {
      canvas.fillRect(x, yOf(scene, pitch) + 0.5, width, height);
    }
  }
}

/** The chosen bars; the others are locked, and look it. */
function drawSelection(canvas: Canvas, scene: Scene): void {
  const { selection, view, palette, width, height } = scene;
  if (selection === null) return;
  const from = xOf(view, selection.from);
  const to = xOf(view, selection.to);
  canvas.fillStyle = palette.locked;
  canvas.fillRect(KEYBOARD, RULER, from - KEYBOARD, height);
  canvas.fillRect(to, RULER, width - to, height);
  canvas.fillStyle = palette.selection;
  canvas.fillRect(from, 0, to - from, height);
}

function drawKeyboard(canvas: Canvas, scene: Scene): void {
  const { pitches, palette } = scene;
  const lane = laneHeight(scene);
  canvas.fillStyle = palette.outside;
  canvas.fillRect(0, 0, KEYBOARD, scene.height);
  canvas.fillStyle = palette.key;
  canvas.fillRect(KEYBOARD - 12, RULER, 11, scene.height);
  canvas.font = "10px system-ui, sans-serif";
  canvas.textBaseline = "middle";
  for (let pitch = pitches.low; pitch <= pitches.high; pitch++) {
    const y = yOf(scene, pitch);
    canvas.fillStyle = palette.blackKey;
    if (isBlackKey(pitch)) canvas.fillRect(KEYBOARD - 12, y, 7, lane);
    canvas.fillStyle = palette.text;
    if (pitch % 12 === 0) canvas.fillText(pitchName(pitch), 4, y + lane / 2);
  }
}
