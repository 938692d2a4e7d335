// The studio's main path: written, seen, heard, taken away; and what happens in between is survived.
import { readFile } from "node:fs/promises";

import { expect, type Page, type Request, test } from "@playwright/test";

import { notesOf } from "./midi";
import { onsetsIn } from "./sound";

const roll = (page: Page) => page.getByRole("slider", { name: "Piano roll" });
const isWritten = (page: Page) => expect(page.getByRole("button", { name: "MIDI", exact: true })).toBeEnabled({ timeout: 45_000 });

async function set(page: Page, label: string, value: number): Promise<void> {
  await page.getByLabel(label, { exact: true }).fill(String(value));
}

const notesShown = async (page: Page): Promise<number> =>
  Number(/(\d+) notes/.exec((await roll(page).getAttribute("aria-valuetext")) ?? "")?.[1]);

async function write(page: Page, bars: number, seed: number): Promise<void> {
  await set(page, "Length", bars);
  await set(page, "Seed", seed);
  await page.getByRole("button", { name: "Generate" }).click();
  await isWritten(page);
  await page.getByRole("button", { name: "Pause" }).click();
}

/** One bar, counted from 1. */
async function choose(page: Page, bar: number): Promise<void> {
  await roll(page).focus();
  await page.keyboard.press("Home");
  for (let passed = 1; passed < bar; passed++) await page.keyboard.press("Control+ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await expect(page.getByText(`Bar ${bar}; the others are locked`)).toBeVisible();
}

const isGeneration = (request: Request): boolean => request.method() === "POST" && request.url().endsWith("/v1/generations");

async function download(page: Page, format: string): Promise<string> {
  const button = page.getByRole("button", { name: format, exact: true });
  const [file] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return file.path();
}

test.beforeEach(async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Generate" }).waitFor();
});

test("within three seconds of Generate notes are seen and heard", async ({ page }) => {
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(roll(page)).toHaveAttribute("aria-valuetext", / [1-9]\d* notes/, { timeout: 3_000 });
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  await expect(page.getByTestId("position")).not.toContainText("1.1", { timeout: 3_000 });
  await isWritten(page);
});

test("the downloaded MIDI file is what was shown", async ({ page }) => {
  await write(page, 4, 11);
  const notes = await notesOf(await download(page, "MIDI"));
  expect(notes.length).toBeGreaterThan(0);
  expect(notes.length).toBe(await notesShown(page));
});

test("a piece stays in the scale that was chosen", async ({ page }) => {
  await page.getByLabel("Stay in", { exact: true }).selectOption("Eb");
  await page.getByLabel("Mode", { exact: true }).selectOption("blues");
  await write(page, 4, 12);
  const notes = await notesOf(await download(page, "MIDI"));
  expect(notes.length).toBeGreaterThan(0);
  const blues = [0, 3, 5, 6, 7, 10].map((step) => (3 + step) % 12);
  for (const [, , pitch] of notes) expect(blues).toContain(pitch % 12);
});

test("what is rendered sounds when the MIDI file says", async ({ page }) => {
  await write(page, 4, 11);
  const notes = await notesOf(await download(page, "MIDI"));
  const onsets = [...new Set(notes.map(([start]) => start))].map((tick) => (tick / 480) * (60 / 120));
  const heard = onsetsIn(await readFile(await download(page, "WAV")), onsets);
  heard.forEach((time, i) => expect(Math.abs(time - (onsets[i] ?? 0)), `note at ${onsets[i]} s`).toBeLessThan(0.02));
});

test("a transposed piece is downloaded transposed, and undone", async ({ page }) => {
  await write(page, 2, 5);
  const before = await notesOf(await download(page, "MIDI"));
  await page.getByRole("button", { name: "Up a semitone" }).click();
  const after = await notesOf(await download(page, "MIDI"));
  expect(after).toEqual(before.map(([start, duration, pitch]) => [start, duration, pitch + 1]));
  await page.getByRole("button", { name: "Undo" }).click();
  expect(await notesOf(await download(page, "MIDI"))).toEqual(before);
});

for (const [model, how] of [["mini", "from the bars before them"], ["untaught", "with sight of both sides"]] as const) {
  test(`selected bars are written anew ${how}, and nothing else changes`, async ({ page }) => {
    await write(page, 4, 11);
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
  await write(page, 2, 5);
  await page.getByLabel("Model", { exact: true }).selectOption("v4");
  await choose(page, 1);
  await expect(page.getByRole("button", { name: "Regenerate" })).toBeDisabled();
  await expect(page.getByText("v4 cannot write bars anew. Choose another model: mini, untaught.")).toBeVisible();
});

test("reloading in the middle of a job loses nothing", async ({ page }) => {
  await set(page, "Length", 16);
  await set(page, "Seed", 21);
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(roll(page)).toHaveAttribute("aria-valuetext", / [1-9]\d* notes/);
  await page.reload();
  await isWritten(page);
  const heard = await notesOf(await download(page, "MIDI"));
  expect(heard.length).toBe(await notesShown(page));
  expect(heard.at(-1)?.[0]).toBeGreaterThan(14 * 1920);
});

test("a connection that is cut resumes where it broke, without losing or doubling a note", async ({ page }) => {
  const asked: string[] = [];
  await page.routeWebSocket(/\/events/, (browser) => {
    asked.push(browser.url());
    const server = browser.connectToServer();
    let told = 0;
    server.onMessage((message) => {
      browser.send(message);
      if (asked.length < 4 && ++told === 3) void browser.close();
    });
  });
  await write(page, 8, 31);
  expect(asked.length).toBeGreaterThanOrEqual(4);
  expect(asked.slice(1).every((url) => url.includes("after="))).toBe(true);
  expect((await notesOf(await download(page, "MIDI"))).length).toBe(await notesShown(page));
});

test("a knob that is moved while a piece is written is heard from a later bar on", async ({ page }) => {
  await set(page, "Length", 32);
  await set(page, "Seed", 41);
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(roll(page)).toHaveAttribute("aria-valuetext", / [2-9] bars written/);
  const second = page.waitForRequest(isGeneration);
  await set(page, "Temperature", 0.5);
  const request = (await second).postDataJSON() as { primer_id: string; sampling: { temperature: number }; bars: number };
  expect(request.sampling.temperature).toBe(0.5);
  expect(request.primer_id).toBeTruthy();
  expect(request.bars).toBeLessThan(32);
  await isWritten(page);
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  expect((await notesOf(await download(page, "MIDI"))).at(-1)?.[0]).toBeGreaterThan(28 * 1920);
});

test("stopping keeps what was written", async ({ page }) => {
  await set(page, "Length", 64);
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(roll(page)).toHaveAttribute("aria-valuetext", / [1-9]\d* bars written/);
  await page.getByRole("button", { name: "Stop" }).click();
  await isWritten(page);
  expect((await notesOf(await download(page, "MIDI"))).length).toBeGreaterThan(0);
});

test("a link writes the same piece again", async ({ page }) => {
  await write(page, 2, 77);
  const before = await notesOf(await download(page, "MIDI"));
  await page.getByRole("button", { name: "Link" }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.evaluate(() => localStorage.clear());
  await page.goto(link);
  await page.getByRole("button", { name: "Generate" }).click();
  await isWritten(page);
  expect(await notesOf(await download(page, "MIDI"))).toEqual(before);
});

test("a MIDI file is gone on from", async ({ page }) => {
  await write(page, 2, 5);
  const theme = await download(page, "MIDI");
  const opening = await notesOf(theme);
  await page.getByLabel("MIDI file to go on from", { exact: true }).setInputFiles({ name: "theme.mid", mimeType: "audio/midi", buffer: await readFile(theme) });
  await expect(page.getByText("Goes on from theme.mid, 2 bars")).toBeVisible();
  await set(page, "Bars to add", 2);
  await page.getByRole("button", { name: "Generate" }).click();
  await isWritten(page);
  const whole = await notesOf(await download(page, "MIDI"));
  expect(whole.slice(0, opening.length)).toEqual(opening);
  expect(whole.length).toBeGreaterThan(opening.length);
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

test("the synthesizer sounds, and so does the sound font, which is fetched when it is chosen", async ({ page }) => {
  const fonts: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith(".sf3")) fonts.push(request.url());
  });
  const loudness = await tap(page);
  await page.reload();
  await write(page, 4, 11);
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
});

test("everything that plays can be reached by keys", async ({ page }) => {
  await write(page, 2, 5);
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
