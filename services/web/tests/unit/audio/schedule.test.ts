import { describe, expect, it } from "vitest";

import type { Note, TempoMark } from "@/lib/api/types";
import { Schedule, type Timeline } from "@/lib/audio/schedule";
import { type Bars, endOf, regularBars } from "@/lib/music/bars";

const TICKS_PER_BAR = 1920;
const eighths = (bars: number): Note[] => Array.from({ length: bars * 8 }, (_, i) => [i * 240, 120, 60, 90]);
const track = (notes: Note[], { program = 0, is_drum = false } = {}) => ({ name: "", program, is_drum, notes });
const timeline = (bars: number, changes: Partial<Timeline> = {}): Timeline => ({
  tracks: [track(eighths(bars))], tempos: [[0, 120]], bars: regularBars(bars), end: bars * TICKS_PER_BAR, isComplete: true, loop: null, ...changes,
});

/** Polls the schedule at an interval, as the player does, and returns the times of the scheduled notes. */
function play(schedule: Schedule, from: number, to: number, interval = 0.04, lookahead = 0.25): number[] {
  const times: number[] = [];
  for (let now = from; now < to; now += interval) {
    for (const due of schedule.plan(now, now + lookahead)) if (due.kind === "note") times.push(due.startsAt);
  }
  return times;
}

describe("Schedule", () => {
  it("does not drift over five minutes at any polling interval", () => {
    const times = play(new Schedule(timeline(150), 0, 1), 0, 302, 0.0937);
    expect(times).toHaveLength(1200);
    times.forEach((time, i) => expect(time).toBeCloseTo(1 + i * 0.25, 6));
  });

  it("never schedules a note in the past", () => {
    const schedule = new Schedule(timeline(8), 0, 0.06);
    for (let now = 0; now < 17; now += 0.13) {
      for (const due of schedule.plan(now, now + 0.25)) expect(due.startsAt).toBeGreaterThanOrEqual(now);
    }
  });

  it("repeats a loop without a gap", () => {
    const loop = { from: TICKS_PER_BAR, to: 2 * TICKS_PER_BAR };
    const times = play(new Schedule(timeline(4, { loop }), TICKS_PER_BAR, 0), 0, 9);
    times.forEach((time, i) => expect(time).toBeCloseTo(i * 0.25, 6));
    expect(times.length).toBeGreaterThan(30);
  });

  it("changes the tempo at the current position", () => {
    const schedule = new Schedule(timeline(8), 0, 0);
    const before = play(schedule, 0, 2);
    schedule.timeline = timeline(8, { tempos: [[0, 240]] });
    const after = play(schedule, 2, 4);
    const gaps = [...before, ...after].map((time, i, all) => time - (all[i - 1] ?? time)).slice(1);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(0.2501);
    expect(gaps.at(-1)).toBeCloseTo(0.125, 6);
  });

  it("follows a tempo map at any polling interval", () => {
    const tempos: TempoMark[] = [[0, 120], [480, 60], [1080, 240]];
    const expected = [0, 0.25, 0.5, 1, 1.5, 1.8125, 1.9375, 2.0625];
    for (const interval of [0.04, 0.0937, 0.7]) {
      const times = play(new Schedule(timeline(1, { tempos }), 0, 0), 0, 3, interval, interval + 0.2);
      times.forEach((time, i) => expect(time).toBeCloseTo(expected[i] ?? NaN, 9));
      expect(times).toHaveLength(8);
    }
  });

  it("holds a note for its seconds across a change of tempo", () => {
    const tempos: TempoMark[] = [[0, 120], [480, 60]];
    const [due] = new Schedule(timeline(1, { tempos, tracks: [track([[240, 480, 60, 90]])] }), 0, 0).plan(0, 0.3).filter(({ kind }) => kind === "note");
    expect(due).toMatchObject({ startsAt: 0.25, seconds: 0.75 });
  });

  it("plays all tracks together, each with its program", () => {
    const tracks = [track([[0, 240, 60, 90]], { program: 33 }), track([[0, 240, 36, 90]], { is_drum: true })];
    const due = new Schedule(timeline(1, { tracks }), 0, 0).plan(0, 0.1).filter(({ kind }) => kind === "note");
    expect(due).toMatchObject([{ track: 0, program: 33, isDrum: false, pitch: 60 }, { track: 1, isDrum: true, pitch: 36 }]);
  });

  it("clicks on the beats of each bar: a pickup has no downbeat, and 6/8 two beats", () => {
    const bars: Bars = [[0, 480, 3, 4], [480, 1440, 3, 4], [1920, 1440, 6, 8]];
    const due = new Schedule(timeline(2, { bars, tracks: [], end: endOf(bars) }), 0, 0).plan(0, 4);
    const clicks = due.flatMap((item) => (item.kind === "click" ? [[item.startsAt, item.isDownbeat]] : []));
    expect(clicks).toEqual([[0, false], [0.5, true], [1, false], [1.5, false], [2, true], [2.75, false]]);
  });

  it("waits at the end of an incomplete timeline until more notes arrive", () => {
    const schedule = new Schedule(timeline(1, { isComplete: false }), 0, 0);
    expect(play(schedule, 0, 5)).toHaveLength(8);
    expect(schedule.tickAt(5)).toBe(TICKS_PER_BAR);
    expect(schedule.endsAt).toBeNull();
    schedule.timeline = timeline(2);
    const rest = play(schedule, 5, 9);
    expect(rest).toHaveLength(8);
    expect(rest[0]).toBeGreaterThan(5);
    expect(schedule.endsAt).not.toBeNull();
  });

  it("returns the position inside a loop", () => {
    const loop = { from: 0, to: TICKS_PER_BAR };
    const schedule = new Schedule(timeline(1, { loop }), 0, 0);
    play(schedule, 0, 5);
    expect(schedule.tickAt(4.5)).toBeCloseTo(480);
    expect(schedule.tickAt(5)).toBeCloseTo(960);
  });
});
