// Files with several tracks and tempos on the Studio page: one track is generated, everything else is kept.
import { readFile } from "node:fs/promises";

import { expect, test } from "@playwright/test";

import { checkAppearance } from "./appearance";
import { encodePickup, type MidiTrack, readNotes, readTracks } from "./midiFiles";
import { CASES, delayEvents, download, expectComplete, type FileRequest, isGenerationRequest, measureLoudness, type Note, openFile, openStudioWith, pianoRoll, selectBar, setField, start } from "./studioPage";

const BAND = `${CASES}/band8.mid`;
const BASS = 1;

const others = (tracks: MidiTrack[]): MidiTrack[] => tracks.filter((_, index) => index !== BASS);

/** Checks that a file has all tracks of the band, and returns the notes of the bass. */
async function bassOf(path: string): Promise<[number, number, number][]> {
  const [before, after] = [await readTracks(BAND), await readTracks(path)];
  expect(after.map(({ name }) => name)).toEqual(["Piano", "Bass", "Strings", "Drums"]);
  expect(others(after)).toEqual(others(before));
  expect([after[BASS]?.program, after[3]?.channel]).toEqual([33, 9]);
  return after[BASS]?.notes ?? [];
}

test("continues the chosen track of a file, and keeps, shows and mutes the others", async ({ page }) => {
  await openFile(page, "band8.mid");
  await expect(page.getByText("Kept: Bass, Strings, Drums.")).toBeVisible();
  await expect(page.getByLabel("Track to continue").locator("option")).toHaveText(["Piano", "Bass", "Strings"]);
  await page.getByLabel("Track to continue").selectOption("Bass");
  await expect(page.getByText("Kept: Piano, Strings, Drums.")).toBeVisible();
  await expect(page.getByText("124 from the file")).toBeVisible();
  await setField(page, "Bars to add", 2);
  await setField(page, "Seed", 4711);
  const request = await start(page);
  expect(request.track).toBe(BASS);
  expect(request).not.toHaveProperty("tempo");
  await expectComplete(page);
  const notes = (await readTracks(BAND))[BASS]?.notes ?? [];
  const bass = await bassOf(await download(page, "MIDI"));
  expect(bass.slice(0, notes.length)).toEqual(notes);
  expect(bass.length).toBeGreaterThan(notes.length);

  const toggle = page.getByRole("button", { name: "Other tracks" });
  await toggle.click();
  await expect(toggle).toHaveAttribute("aria-pressed", "false");
  await toggle.click();
  await page.getByRole("button", { name: "Pause" }).click();

  await page.getByRole("button", { name: "Up a semitone" }).click();
  const transposed = await bassOf(await download(page, "MIDI"));
  expect(transposed).toEqual(bass.map(([start, duration, pitch]) => [start, duration, pitch + 1]));
  await page.getByRole("button", { name: "Undo" }).click();
  const wav = await readFile(await download(page, "WAV"));
  expect((wav.length - 44) / 4 / 44_100).toBeCloseTo((10 * 4 * 60) / 124 + 1.5, 1);
  await page.reload();
  await expect(toggle).toBeVisible();
  await page.getByRole("link", { name: "Library" }).first().click();
  const open = page.getByRole("button", { name: "Open mini, seed 4711 in the Studio" });
  const older = page.getByRole("button", { name: "Show older" }); // other tests generate melodies meanwhile
  await expect(async () => {
    if (!(await open.isVisible())) await older.click({ timeout: 1_000 });
    await expect(open).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await open.click();
  await expect(toggle).toBeVisible();
  expect(await bassOf(await download(page, "MIDI"))).toEqual(bass);
  await checkAppearance(page, "tracks");
});

test("regenerates a bar of the chosen track in the file of the gateway", async ({ page }) => {
  await openFile(page, "band8.mid");
  await page.getByLabel("Model", { exact: true }).selectOption("untrained");
  await page.getByLabel("Track to continue").selectOption("Bass");
  await setField(page, "Bars to add", 1);
  await start(page);
  await expectComplete(page);
  const before = await bassOf(await download(page, "MIDI"));
  await page.getByRole("button", { name: "Remove band8.mid" }).click();
  await selectBar(page, 2);
  expect(await start(page, "Regenerate")).toMatchObject({ track: BASS, regenerate: [1] });
  await page.getByRole("button", { name: "Variation 2", exact: true }).click({ timeout: 45_000 });
  await page.getByRole("button", { name: "Keep variation 2" }).click();
  const [file] = await Promise.all([page.waitForRequest(/\/v1\/melodies\/.*\.mid$/), download(page, "MIDI")]);
  expect(file.method()).toBe("GET");
  const after = await bassOf(await download(page, "MIDI"));
  const outside = ([tick = 0]: number[]) => tick < 1920 || tick >= 2 * 1920;
  expect(after.filter(outside)).toEqual(before.filter(outside));
  expect(after).not.toEqual(before);
  await page.getByRole("button", { name: "Down a semitone" }).click();
  await selectBar(page, 3);
  expect(await start(page, "Regenerate")).toMatchObject({ track: BASS, regenerate: [2] });
  await page.getByRole("button", { name: "Variation 1", exact: true }).click({ timeout: 45_000 });
  await page.getByRole("button", { name: "Keep variation 1" }).click();
  await bassOf(await download(page, "MIDI"));
});

test("a sampling setting that changes during a generation keeps the other tracks", async ({ page }) => {
  const release = await delayEvents(page, 10);
  await openFile(page, "band8.mid");
  await page.getByLabel("Track to continue").selectOption("Bass");
  await setField(page, "Bars to add", 40);
  const first = await start(page);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(pianoRoll(page)).toHaveAttribute("aria-valuetext", / [1-4]\d bars generated/);
  const second = page.waitForRequest(isGenerationRequest);
  await setField(page, "Temperature", 0.5);
  const request = (await second).postDataJSON() as FileRequest;
  release();
  expect(request.track).toBe(BASS);
  expect(request.primer_id).not.toBe(first.primer_id);
  expect(request.bars).toBeLessThan(40);
  await expectComplete(page);
  expect((await bassOf(await download(page, "MIDI"))).at(-1)?.[0]).toBeGreaterThan(44 * 1920);
});

test("follows the tempos of a file until another tempo is chosen", async ({ page }) => {
  await openFile(page, "rit72.mid");
  await expect(page.getByText("72 from the file")).toBeVisible();
  await setField(page, "Bars to add", 1);
  await setField(page, "Tempo", 100);
  expect((await start(page)).tempo).toBe(100);
  await expectComplete(page);
  await page.getByRole("button", { name: "Tempo of the file" }).click();
  await expect(page.getByText("72 from the file")).toBeVisible();
  expect(await start(page)).not.toHaveProperty("tempo");
  await expectComplete(page);
  await page.getByRole("button", { name: "Pause" }).click();
  const notes = await readNotes(await download(page, "MIDI"));
  await pianoRoll(page).focus();
  await page.keyboard.press("End");
  const bars = Number(/of (\d+)/.exec((await pianoRoll(page).getAttribute("aria-valuetext")) ?? "")?.[1]);
  const map = [[0, 72], [6000, 68], [6240, 64], [6480, 60], [6720, 56], [6960, 52], [7200, 48], [7440, 44], [bars * 1920, 0]];
  const seconds = map.slice(1).reduce((sum, [tick = 0], i) => sum + ((tick - (map[i]?.[0] ?? 0)) / 480) * (60 / (map[i]?.[1] ?? 1)), 0);
  await expect(page.getByTestId("position")).toContainText(`${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`);
  expect(notes.length).toBeGreaterThan(27);
});

test("a file that begins with a short bar has the bars of the file", async ({ page }) => {
  await page.goto("/");
  await page.getByLabel("Model", { exact: true }).selectOption("untrained");
  await page.getByLabel("MIDI file to continue", { exact: true }).setInputFiles({ name: "pickup.mid", mimeType: "audio/midi", buffer: encodePickup(4) });
  await expect(page.getByText("Continues pickup.mid, 4 bars")).toBeVisible();
  await setField(page, "Bars to add", 1);
  await start(page);
  await expectComplete(page);
  const [lead, bass] = await readTracks(await download(page, "MIDI"));
  expect(lead?.notes.slice(0, 2)).toEqual([[0, 480, 60], [480, 480, 65]]);
  await page.getByRole("button", { name: "Up a semitone" }).click();
  const transposed = await readTracks(await download(page, "MIDI"));
  expect(transposed[0]?.notes).toEqual(lead?.notes.map(([tick, duration, pitch]) => [tick, duration, pitch + 1]));
  expect(transposed[1]?.notes).toEqual(bass?.notes);
  await page.getByRole("button", { name: "Undo" }).click();
  await selectBar(page, 2);
  expect(await start(page, "Regenerate")).toMatchObject({ regenerate: [1] });
  await page.getByRole("button", { name: "Variation 1", exact: true }).click({ timeout: 45_000 });
  await page.getByRole("button", { name: "Keep variation 1" }).click();
  const after = await readTracks(await download(page, "MIDI"));
  const outside = ([tick = 0]: number[]) => tick < 480 || tick >= 480 + 1920;
  expect(after[0]?.notes.filter(outside)).toEqual(lead?.notes.filter(outside));
  expect(after[0]?.notes).not.toEqual(lead?.notes);
  expect(after[1]).toEqual(bass);
});

test("plays and mutes the drums of the file with the synthesizer and the sound font", async ({ page }) => {
  const loudness = await measureLoudness(page);
  const kicks = Array.from({ length: 128 }, (_, i): Note => [i * 240, 120, 36, 110]);
  const tracks = [
    { name: "Kit", program: 0, is_drum: true, notes: kicks },
    { name: "Lead", program: 0, is_drum: false, notes: [] },
  ];
  await openStudioWith(page, [[31 * 1920, 480, 60, 90]], 32, { tracks, track: 1, tempos: [[0, 120]] });
  await page.getByRole("button", { name: "Play", exact: true }).click();
  const toggle = page.getByRole("button", { name: "Other tracks" });
  for (const sound of ["oscillators", "font"]) {
    await page.getByLabel("Sound", { exact: true }).selectOption(sound);
    await expect(page.getByText("Loading the instruments")).toHaveCount(0, { timeout: 30_000 });
    await expect.poll(loudness).toBeGreaterThan(0.02);
    await toggle.click();
    await expect.poll(loudness).toBeLessThan(0.001);
    await toggle.click();
    await expect.poll(loudness).toBeGreaterThan(0.02);
  }
});
