import { describe, expect, it } from "vitest";

import { regularBars } from "@/lib/music/bars";
import { applyLink, barsToKeep, buildLink, buildRequest, DEFAULT_SETTINGS, effectiveSampling, shownTempo, type StudioSettings } from "@/lib/studio/settings";

const withChords = (text: string): StudioSettings => ({ ...DEFAULT_SETTINGS, model: "v8", seed: 7, chords: { text, strictness: 0.75 } });
const FILE = { tracks: [], track: 1, tempos: [[0, 72], [960, 60]] satisfies [number, number][] };
const PRIMER = { primerId: "x", name: "x.mid", clip: { notes: [], bars: regularBars(2), tempo: null, instrument: 0, file: FILE } };
const linkOf = (settings: StudioSettings): string => buildLink(buildRequest(settings, "v8")) ?? "";

describe("buildRequest", () => {
  it("starts the progression at the chord of the first generated bar", () => {
    expect(buildRequest(withChords("C F G"), "v8", 4).chords).toEqual({ progression: ["F", "G", "C"], strictness: 0.75 });
    expect(buildRequest(withChords(""), "v8", 4).chords).toBeNull();
  });
});

describe("a request with a primer", () => {
  it("names the track, and leaves out the tempo unless it is set", () => {
    const request = buildRequest({ ...DEFAULT_SETTINGS, tempo: null, primer: PRIMER }, "v8");
    expect(request).toMatchObject({ primer_id: "x", track: 1, include_primer: true });
    expect(request).not.toHaveProperty("tempo");
    expect(buildRequest({ ...DEFAULT_SETTINGS, tempo: 90, primer: PRIMER }, "v8").tempo).toBe(90);
  });
});

describe("shownTempo", () => {
  it("is the chosen tempo, else that of the file to continue, else that of the clip", () => {
    const primer = PRIMER;
    const clip = { notes: [], bars: regularBars(2), tempo: 96, instrument: 0 };
    expect(shownTempo({ tempo: 90, primer }, clip)).toBe(90);
    expect(shownTempo({ tempo: null, primer }, clip)).toBe(72);
    expect(shownTempo({ tempo: null, primer: null }, clip)).toBe(96);
    expect(shownTempo({ tempo: null, primer: null }, null)).toBe(120);
  });
});

describe("effectiveSampling", () => {
  it("has the defaults of the version where nothing is set", () => {
    const defaults = { temperature: 0.8, top_k: 0, top_p: 1, min_p: 0.1 };
    expect(effectiveSampling({}, defaults)).toEqual(defaults);
    expect(effectiveSampling({ temperature: 0, min_p: 0 }, defaults)).toEqual({ ...defaults, temperature: 0, min_p: 0 });
  });
});

describe("a link", () => {
  it("restores the settings", () => {
    const settings = { ...DEFAULT_SETTINGS, model: "v8", bars: 12, seed: 7, sampling: { temperature: 0.85, top_k: 0 } };
    expect(applyLink(DEFAULT_SETTINGS, linkOf(settings))).toEqual(settings);
  });

  it("restores the scale, and ignores an invalid one", () => {
    const settings = { ...DEFAULT_SETTINGS, model: "v8", seed: 7, scale: { tonic: "F#", mode: "harmonic minor" as const } };
    const link = linkOf(settings);
    expect(applyLink(DEFAULT_SETTINGS, link)).toEqual(settings);
    expect(applyLink(DEFAULT_SETTINGS, link.replace("harmonic", "cheerful")).scale).toBeNull();
  });

  it("restores the chords", () => {
    expect(applyLink(DEFAULT_SETTINGS, linkOf(withChords("Am7 D7")))).toEqual(withChords("Am7 D7"));
  });

  it("restores the time signature, and ignores an unknown one", () => {
    const settings = { ...DEFAULT_SETTINGS, model: "v8", seed: 7, timeSignature: "6/8" as const };
    const link = linkOf(settings);
    expect(applyLink(DEFAULT_SETTINGS, link)).toEqual(settings);
    expect(applyLink(DEFAULT_SETTINGS, link.replace("6%2F8", "5%2F8")).timeSignature).toBeNull();
  });

  it("is not available with a primer", () => {
    expect(buildLink(buildRequest({ ...DEFAULT_SETTINGS, seed: 7, primer: PRIMER }, "v8"))).toBeNull();
  });
});

describe("barsToKeep", () => {
  it("keeps the bars up to the second bar line ahead during playback, else all", () => {
    expect(barsToKeep(regularBars(10), 10, 3 * 1920 + 5, true)).toBe(5);
    expect(barsToKeep(regularBars(10), 4, 3 * 1920 + 5, true)).toBe(4);
    expect(barsToKeep(regularBars(10), 10, 0, false)).toBe(10);
    expect(barsToKeep(regularBars(10, "3/4"), 10, 3 * 1440, true)).toBe(5);
  });
});
