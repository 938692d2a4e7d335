import { beforeEach, expect, it, vi } from "vitest";

import { loadSession, openInStudio, saveSession, type Session } from "@/lib/studio/session";

const CLIP = { notes: [], bars: 2, tempo: 90, instrument: 3 };
const stored = new Map<string, string>();

beforeEach(() => {
  stored.clear();
  vi.stubGlobal("localStorage", { getItem: (key: string) => stored.get(key) ?? null, setItem: (key: string, value: string) => stored.set(key, value) });
  vi.stubGlobal("location", { search: "" });
});

it("restores a saved session", () => {
  const session: Session = { ...loadSession(), generation: { jobId: "x", bars: 8, base: null } };
  saveSession(session);
  expect(loadSession()).toEqual(session);
});

it("drops a generation whose job was not created, and keeps its base as the clip", () => {
  saveSession({ ...loadSession(), generation: { jobId: null, bars: 8, base: CLIP } });
  expect(loadSession()).toMatchObject({ generation: null, history: { present: CLIP } });
});

it("keeps the clip of a session that an earlier release saved, with defaults for the missing fields", () => {
  stored.set("ostinato.studio", JSON.stringify({ settings: { bars: 4, theme: { name: "x.mid" } }, work: { jobId: "x" }, history: { past: [], present: CLIP, future: [] } }));
  expect(loadSession()).toMatchObject({ settings: { bars: 4, primer: null }, generation: null, history: { present: CLIP } });
});

it("opens a clip with its tempo and instrument", () => {
  openInStudio(CLIP);
  expect(loadSession()).toMatchObject({ settings: { tempo: 90, instrument: 3 }, history: { present: CLIP } });
});
