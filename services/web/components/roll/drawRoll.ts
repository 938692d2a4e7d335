// Draws a piano roll on a canvas. The drawing depends only on the scene.
import type { Note } from "@/lib/api/types";
import { firstNoteFrom } from "@/lib/audio/schedule";
import { type Bar, barAt, type Bars, beatsOf, COMMON_TIME, endOf, lineBefore, timeSignatureOf } from "@/lib/music/bars";
import { formatPitch, isBlackKey, isInScale, type Scale } from "@/lib/music/scale";
import type { Range } from "@/lib/music/time";

import type { Palette } from "./palette";
import { KEYBOARD_WIDTH, type PitchRange, RULER_HEIGHT, tickAt, type View, xOf } from "./view";

interface DrawnTrack {
  notes: readonly Note[];
  /** Duration of the longest note in ticks: a note that starts this far left of the view may still be visible. */
  longestNote: number;
}

export const toDrawnTrack = (notes: readonly Note[]): DrawnTrack => ({ notes, longestNote: notes.reduce((longest, [, duration]) => Math.max(longest, duration), 0) });

export interface Scene {
  width: number;
  height: number;
  view: View;
  pitchRange: PitchRange;
  /** The last one is in front; the others are dimmed. */
  tracks: readonly DrawnTrack[];
  bars: Bars;
  /** Number of bars that have been generated. */
  generatedBars: number;
  scale: Scale | null;
  selection: Range | null;
  palette: Palette;
}

type Canvas = CanvasRenderingContext2D;

const laneHeight = ({ height, pitchRange }: Scene): number => (height - RULER_HEIGHT) / (pitchRange.high - pitchRange.low + 1);
const yOf = (scene: Scene, pitch: number): number => RULER_HEIGHT + (scene.pitchRange.high - pitch) * laneHeight(scene);

/** Draws everything except the playhead. */
export function drawRoll(canvas: Canvas, scene: Scene): void {
  canvas.fillStyle = scene.palette.outside;
  canvas.fillRect(0, 0, scene.width, scene.height);
  canvas.save();
  canvas.beginPath();
  canvas.rect(KEYBOARD_WIDTH, 0, scene.width - KEYBOARD_WIDTH, scene.height);
  canvas.clip();
  drawLanes(canvas, scene);
  drawBars(canvas, scene);
  scene.tracks.forEach((track, i) => drawNotes(canvas, scene, track, i < scene.tracks.length - 1));
  drawSelection(canvas, scene);
  canvas.restore();
  drawKeyboard(canvas, scene);
}

/** Draws the playhead, on its own canvas. */
export function drawPlayhead(canvas: Canvas, scene: Scene, tick: number): void {
  canvas.clearRect(0, 0, scene.width, scene.height);
  const x = Math.round(xOf(scene.view, tick));
  if (x < KEYBOARD_WIDTH || x > scene.width) return;
  canvas.fillStyle = scene.palette.playhead;
  canvas.fillRect(x, RULER_HEIGHT - 8, 1.5, scene.height);
  canvas.beginPath();
  canvas.moveTo(x - 5, RULER_HEIGHT - 9);
  canvas.lineTo(x + 6.5, RULER_HEIGHT - 9);
  canvas.lineTo(x + 0.75, RULER_HEIGHT - 1);
  canvas.fill();
}

function drawLanes(canvas: Canvas, scene: Scene): void {
  const { pitchRange, palette, scale, bars, view } = scene;
  const right = Math.min(scene.width, xOf(view, endOf(bars)));
  canvas.fillStyle = palette.background;
  canvas.fillRect(KEYBOARD_WIDTH, RULER_HEIGHT, right - KEYBOARD_WIDTH, scene.height);
  canvas.fillStyle = palette.lane;
  const lane = laneHeight(scene);
  for (let pitch = pitchRange.low; pitch <= pitchRange.high; pitch++) {
    const isShaded = scale === null ? isBlackKey(pitch) : !isInScale(scale, pitch);
    if (isShaded) canvas.fillRect(KEYBOARD_WIDTH, yOf(scene, pitch), right - KEYBOARD_WIDTH, lane);
  }
}

function drawBars(canvas: Canvas, scene: Scene): void {
  const { view, palette, bars, generatedBars } = scene;
  const end = xOf(view, endOf(bars));
  if (generatedBars < bars.length) {
    const generatedEnd = xOf(view, lineBefore(bars, generatedBars));
    canvas.fillStyle = palette.pending;
    canvas.fillRect(generatedEnd, RULER_HEIGHT, end - generatedEnd, scene.height);
  }
  const barWidth = endOf(bars) / Math.max(1, bars.length) / view.ticksPerPixel;
  const labelInterval = [1, 2, 4, 8, 16, 32, 64].find((step) => step * barWidth >= 34) ?? 128;
  canvas.font = "11px system-ui, sans-serif";
  canvas.textBaseline = "middle";
  for (let index = barAt(bars, view.from); index < bars.length; index++) {
    const bar = bars[index] as Bar;
    const x = Math.round(xOf(view, bar[0]));
    if (x > scene.width) break;
    canvas.fillStyle = palette.beat;
    if (barWidth > 60) for (const beat of beatsOf(bar).filter((tick) => tick > bar[0])) canvas.fillRect(Math.round(xOf(view, beat)), RULER_HEIGHT, 1, scene.height);
    canvas.fillStyle = palette.bar;
    if (index % labelInterval === 0 || barWidth > 8) canvas.fillRect(x, index % labelInterval === 0 ? 8 : RULER_HEIGHT, 1, scene.height);
    canvas.fillStyle = palette.text;
    const signature = signatureLabel(bars, index);
    if (index % labelInterval === 0 || signature !== "") canvas.fillText(`${index + 1}${signature}`, x + 5, RULER_HEIGHT / 2);
  }
  canvas.fillStyle = palette.bar;
  canvas.fillRect(Math.round(end), bars.length % labelInterval === 0 ? 8 : RULER_HEIGHT, 1, scene.height);
}

/** The time signature where it changes, except 4/4 at the start. */
function signatureLabel(bars: Bars, index: number): string {
  const signature = timeSignatureOf(bars[index] as Bar);
  const previous = bars[index - 1];
  return signature === (previous === undefined ? COMMON_TIME : timeSignatureOf(previous)) ? "" : `  ${signature}`;
}

function drawNotes(canvas: Canvas, scene: Scene, { notes, longestNote }: DrawnTrack, isDimmed: boolean): void {
  const { view, palette } = scene;
  const lane = laneHeight(scene);
  const height = Math.max(2, lane - 1);
  const last = tickAt(view, scene.width);
  for (let i = firstNoteFrom(notes, view.from - longestNote); i < notes.length; i++) {
    const [start, duration, pitch, velocity] = notes[i] as Note;
    if (start > last) break;
    const x = xOf(view, start);
    const width = Math.max(2, duration / view.ticksPerPixel - 1);
    canvas.fillStyle = isDimmed ? palette.otherTrack : palette.note(velocity);
    if (width > 6 && height > 5) {
      canvas.beginPath();
      canvas.roundRect(x, yOf(scene, pitch) + 0.5, width, height, Math.min(3, height / 2));
      canvas.fill();
    } else {
      canvas.fillRect(x, yOf(scene, pitch) + 0.5, width, height);
    }
  }
}

/** Highlights the selected bars and dims the others, which are locked. */
function drawSelection(canvas: Canvas, scene: Scene): void {
  const { selection, view, palette, width, height } = scene;
  if (selection === null) return;
  const from = xOf(view, selection.from);
  const to = xOf(view, selection.to);
  canvas.fillStyle = palette.locked;
  canvas.fillRect(KEYBOARD_WIDTH, RULER_HEIGHT, from - KEYBOARD_WIDTH, height);
  canvas.fillRect(to, RULER_HEIGHT, width - to, height);
  canvas.fillStyle = palette.selection;
  canvas.fillRect(from, 0, to - from, height);
}

function drawKeyboard(canvas: Canvas, scene: Scene): void {
  const { pitchRange, palette } = scene;
  const lane = laneHeight(scene);
  canvas.fillStyle = palette.outside;
  canvas.fillRect(0, 0, KEYBOARD_WIDTH, scene.height);
  canvas.fillStyle = palette.key;
  canvas.fillRect(KEYBOARD_WIDTH - 12, RULER_HEIGHT, 11, scene.height);
  canvas.font = "10px system-ui, sans-serif";
  canvas.textBaseline = "middle";
  for (let pitch = pitchRange.low; pitch <= pitchRange.high; pitch++) {
    const y = yOf(scene, pitch);
    canvas.fillStyle = palette.blackKey;
    if (isBlackKey(pitch)) canvas.fillRect(KEYBOARD_WIDTH - 12, y, 7, lane);
    canvas.fillStyle = palette.text;
    if (pitch % 12 === 0) canvas.fillText(formatPitch(pitch), 4, y + lane / 2);
  }
}
