// What is done to a piece in the studio: heard, transposed, written anew in part, taken away.
import { readFile } from "node:fs/promises";

import { expect, type Page, test } from "@playwright/test";

import { notesOf } from "./midi";
import { onsetsIn } from "./sound";
import { choose, climbing, download, isGeneration, type Note, open, roll, set, write } from "./studio";

/** Each sounds alone, on no even beat. */
const apart: Note[] = Array.from({ length: 12 }, (_, i) => [480 + i * 600 + (i % 3) * 50, 360, 60 + ((i * 5) % 12), 90]);

/** A note rings from the first bar into the second. */
const held: Note[] = [...climbing, [1800, 480, 48, 90]];

test("what is rendered sounds when the MIDI file says", async ({ page }) => {
  await open(page, apart, 4);
  await soundsAsWritten(page);
});

/** The file of the WAV button, whose notes begin when the MIDI file says. */
async function soundsAsWritten(page: Page): Promise<Buffer> {
  const notes = await notesOf(await download(page, "MIDI"));
  const onsets = [...new Set(notes.map(([start]) => start))].map((tick) => (tick / 480) * (60 / 120));
  const rendered = await readFile(await download(page, "WAV"));
  const heard = onsetsIn(rendered, onsets);
  heard.forEach((time, i) => expect(Math.abs(time - (onsets[i] ?? 0)), `note at ${onsets[i]} s`).toBeLessThan(0.02));
  return rendered;
}

test("a transposed piece is downloaded transposed, and undone", async ({ page }) => {
  await open(page, climbing, 4);
  const before = await notesOf(await download(page, "MIDI"));
  await page.getByRole("button", { name: "Up a semitone" }).click();
  const after = await notesOf(await download(page, "MIDI"));
  expect(after).toEqual(before.map(([start, duration, pitch]) => [start, duration, pitch + 1]));
  await page.getByRole("button", { name: "Undo" }).click();
  expect(await notesOf(await download(page, "MIDI"))).toEqual(before);
});

test("the sheet music has every note of the piece", async ({ page }) => {
  await open(page, climbing, 4);
  const document = await readFile(await download(page, "MusicXML"), "utf8");
  const pitches = await page.evaluate((xml) => {
    const steps: Record<string, number> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
    const notes = [...new DOMParser().parseFromString(xml, "application/xml").querySelectorAll("note")];
    const said = (note: Element, what: string) => note.querySelector(`pitch > ${what}`)?.textContent;
    return notes
      .filter((note) => note.querySelector("pitch") !== null && note.querySelector('tie[type="stop"]') === null)
      .map((note) => 12 * (Number(said(note, "octave")) + 1) + (steps[said(note, "step") ?? ""] ?? NaN) + Number(said(note, "alter") ?? 0));
  }, document);
  expect(pitches.sort((a, b) => a - b)).toEqual(climbing.map(([, , pitch]) => pitch).sort((a, b) => a - b));
});

for (const [model, how] of [["mini", "from the bars before them"], ["untaught", "with sight of both sides"]] as const) {
  test(`selected bars are written anew ${how}, and nothing else changes`, async ({ page }) => {
    await open(page, held, 4);
    const before = await notesOf(await download(page, "MIDI"));
    await page.getByLabel("Model", { exact: true }).selectOption(model);
    await choose(page, 2);
    const [asked] = await Promise.all([page.waitForRequest(isGeneration), page.getByRole("button", { name: "Regenerate" }).click()]);
    const { regenerate, primer_id } = asked.postDataJSON() as { regenerate?: number[]; primer_id: string };
    expect(regenerate).toEqual(model === "mini" ? undefined : [1]);
    expect(primer_id).toBeTruthy();
    await page.getByRole("button", { name: "Take 2" }).click({ timeout: 45_000 });
    await page.getByRole("button", { name: "Keep take 2" }).click();
    const after = await notesOf(await download(page, "MIDI"));
    const outside = ([start = 0]: number[]) => start < 1920 || start >= 2 * 1920;
    const ends = ([start = 0, duration = 0, pitch]: number[]) => [start, start < 1920 ? Math.min(duration, 1920 - start) : duration, pitch];
    expect(after.filter(outside)).toEqual(before.filter(outside).map(ends));
    expect(after).not.toEqual(before);
  });
}

test("each bar keeps to its chord, also when it is written anew", async ({ page }) => {
  await page.goto("/");
  await page.getByLabel("Chords, one a bar").fill("C H7");
  await expect(page.getByText("H7 is no chord")).toBeVisible();
  await page.getByLabel("Chords, one a bar").fill("C F#m7");
  await set(page, "Held to the chords", 1);
  await write(page, 4, 12);
  const tones = [[0, 4, 7], [6, 9, 1, 4]];
  const keepsTo = (notes: number[][]) => notes.every(([start = 0, , pitch = 0]) => tones[Math.floor(start / 1920) % 2]?.includes(pitch % 12));
  const before = await notesOf(await download(page, "MIDI"));
  expect(before.length).toBeGreaterThan(0);
  expect(keepsTo(before)).toBe(true);
  for (const model of ["mini", "untaught"]) {
    await page.getByLabel("Model", { exact: true }).selectOption(model);
    await choose(page, 2);
    await page.getByRole("button", { name: "Regenerate" }).click();
    await page.getByRole("button", { name: "Take 1" }).click({ timeout: 45_000 });
    await page.getByRole("button", { name: "Keep take 1" }).click();
    const after = await notesOf(await download(page, "MIDI"));
    expect(after).not.toEqual(before);
    expect(keepsTo(after)).toBe(true);
  }
});

test("a version that cannot write bars anew says which can", async ({ page }) => {
  await open(page, climbing, 4);
  await page.getByLabel("Model", { exact: true }).selectOption("v4");
  await choose(page, 1);
  await expect(page.getByRole("button", { name: "Regenerate" })).toBeDisabled();
  await expect(page.getByText("v4 cannot write bars anew. Choose another model: mini, untaught")).toBeVisible();
});

/** The loudest sample of the last moments, at the very end of the page's audio graph. */
async function tap(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const connect = Reflect.get(AudioNode.prototype, "connect") as (to: AudioNode) => AudioNode;
    Reflect.set(AudioNode.prototype, "connect", function (this: AudioNode, to: AudioNode, ...rest: []) {
      if (to instanceof AudioDestinationNode && to.context instanceof AudioContext) {
        const analyser = new AnalyserNode(to.context, { fftSize: 32_768 });
        Object.assign(window, { analyser });
        connect.call(this, analyser);
      }
      return connect.call(this, to, ...rest);
    });
  });
  return () =>
    page.evaluate(() => {
      const { analyser } = window as unknown as { analyser: AnalyserNode };
      const samples = new Float32Array(analyser.fftSize);
      analyser.getFloatTimeDomainData(samples);
      return Math.max(...samples.map(Math.abs));
    });
}

test("the synthesizer sounds, and so does the sound font, which is fetched when it is chosen, also as a file", async ({ page }) => {
  const fonts: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith(".sf3")) fonts.push(request.url());
  });
  const loudness = await tap(page);
  await open(page, apart, 4);
  const synthesized = await soundsAsWritten(page);
  await page.getByRole("button", { name: "Loop the piece" }).click();
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await expect.poll(loudness).toBeGreaterThan(0.02);
  expect(fonts).toEqual([]);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect.poll(loudness).toBeLessThan(0.001);
  await page.getByLabel("Sound", { exact: true }).selectOption("font");
  await expect(page.getByText("on their way")).toHaveCount(0, { timeout: 30_000 });
  await expect(page.getByLabel("Sound", { exact: true })).toHaveValue("font");
  expect(fonts).toHaveLength(1);
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await expect.poll(loudness).toBeGreaterThan(0.02);
  await page.getByRole("button", { name: "Mute" }).click();
  await expect.poll(loudness).toBeLessThan(0.001);
  const sampled = await soundsAsWritten(page);
  expect(sampled.length).toBe(synthesized.length);
  expect(sampled.equals(synthesized)).toBe(false);
  await page.getByRole("link", { name: "Library" }).first().click();
  await page.getByRole("heading", { name: "Library" }).waitFor();
  await page.getByRole("link", { name: "Studio" }).first().click();
  await expect(page.getByLabel("Sound", { exact: true })).toHaveValue("font");
  await page.getByLabel("Sound", { exact: true }).selectOption("oscillators");
  expect((await soundsAsWritten(page)).equals(sampled)).toBe(false);
});

test("everything that plays can be reached by keys", async ({ page }) => {
  await open(page, climbing, 4);
  await roll(page).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Space");
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  for (const [key, name] of [["l", "Loop the piece"], ["m", "Mute"], ["k", "Metronome"]] as const) {
    await page.keyboard.press(key);
    await expect(page.getByRole("button", { name })).toHaveAttribute("aria-pressed", "true");
  }
  await page.keyboard.press("Space");
  await expect(page.getByRole("button", { name: "Play" })).toBeVisible();
});
