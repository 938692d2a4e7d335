import { beforeEach, expect, it, vi } from "vitest";

import { regularBars } from "@/lib/music/bars";
import type { Clip } from "@/lib/music/clip";
import { loadSession, openInStudio, saveSession, type Session } from "@/lib/studio/session";

const CLIP = { notes: [], bars: regularBars(2), tempo: 90, instrument: 3 };
const stored = new Map<string, string>();

beforeEach(() => {
  stored.clear();
  vi.stubGlobal("localStorage", { getItem: (key: string) => stored.get(key) ?? null, setItem: (key: string, value: string) => stored.set(key, value) });
  vi.stubGlobal("location", { search: "" });
});

it("restores a saved session", () => {
  const session: Session = { ...loadSession(), generation: { jobId: "x", bars: regularBars(8), base: null } };
  saveSession(session);
  expect(loadSession()).toEqual(session);
});

it("drops a generation whose job was not created, and keeps its base as the clip", () => {
  saveSession({ ...loadSession(), generation: { jobId: null, bars: regularBars(8), base: CLIP } });
  expect(loadSession()).toMatchObject({ generation: null, history: { present: CLIP } });
});

it("keeps the clip of a session that an earlier release saved, with defaults for the missing fields", () => {
  const earlier = { ...CLIP, bars: 2, melodyId: "m" };
  stored.set("ostinato.studio", JSON.stringify({ settings: { bars: 4, theme: { name: "x.mid" } }, work: { jobId: "x" }, history: { past: [], present: earlier, future: [null] } }));
  expect(loadSession()).toMatchObject({ settings: { bars: 4, primer: null }, generation: null, history: { present: { ...CLIP, origin: { kind: "melody", id: "m" } }, future: [null] } });
});

it("drops a primer that an earlier release saved, without its notes", () => {
  const primer = { primerId: "x", name: "x.mid", bars: 2, tracks: "Read as one part: Piano, Bass." };
  stored.set("ostinato.studio", JSON.stringify({ settings: { tempo: 90, primer } }));
  expect(loadSession().settings).toMatchObject({ tempo: 90, primer: null });
});

it("saves less if local storage is full", () => {
  const history = { past: [CLIP], present: { ...CLIP, bars: regularBars(99) }, future: [] };
  const saveWithout = (clip: Clip | null) => {
    stored.clear();
    vi.stubGlobal("localStorage", {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => {
        if (clip !== null && value.includes(JSON.stringify(clip))) throw new Error("full");
        stored.set(key, value);
      },
    });
    saveSession({ ...loadSession(), history });
    return loadSession().history;
  };
  expect(saveWithout(null)).toEqual(history);
  expect(saveWithout(CLIP)).toEqual({ past: [], present: history.present, future: [] });
  expect(saveWithout(history.present)).toEqual({ past: [], present: null, future: [] });
});

it("opens a clip of a file without a change of the tempo and the instrument that it requests next", () => {
  const tracks = [0, 33].map((program) => ({ name: "", program, is_drum: false, notes: [] }));
  const clip = { ...CLIP, tempo: null, file: { tracks, track: 1, tempos: [[0, 72], [960, 60]] satisfies [number, number][] } };
  openInStudio(clip);
  expect(loadSession()).toMatchObject({ settings: { tempo: null, instrument: 0 }, history: { present: clip } });
});

it("opens a clip with its tempo and instrument", () => {
  openInStudio(CLIP);
  expect(loadSession()).toMatchObject({ settings: { tempo: 90, instrument: 3 }, history: { present: CLIP } });
});
