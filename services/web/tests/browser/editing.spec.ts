// Editing a clip on the Studio page: playback, transposition, regeneration, downloads.
import { readFile } from "node:fs/promises";

import { expect, type Page, test } from "@playwright/test";

import { readNotes } from "./midiFiles";
import { download, EIGHTHS, generate, isGenerationRequest, measureLoudness, type Note, openStudioWith, pianoRoll, selectBar, setField } from "./studioPage";
import { findOnsets } from "./wavOnsets";

/** Notes that do not overlap and start off the beat. */
const SEPARATE: Note[] = Array.from({ length: 12 }, (_, i) => [480 + i * 600 + (i % 3) * 50, 360, 60 + ((i * 5) % 12), 90]);

/** Lower than the notes that a version generates, so that none of them ends it. */
const HELD_PITCH = 12;
/** Eighths, and a note that is held from the first bar into the second. */
const WITH_HELD_NOTE: Note[] = [...EIGHTHS, [1800, 480, HELD_PITCH, 90]];

test("the rendered audio has the onsets of the MIDI file", async ({ page }) => {
  await openStudioWith(page, SEPARATE, 4);
  await downloadCheckedWav(page);
});

/** Downloads the WAV file, and checks that it has the onsets of the MIDI file. */
async function downloadCheckedWav(page: Page): Promise<Buffer> {
  const notes = await readNotes(await download(page, "MIDI"));
  const onsets = [...new Set(notes.map(([start]) => start))].map((tick) => (tick / 480) * (60 / 120));
  const rendered = await readFile(await download(page, "WAV"));
  const found = findOnsets(rendered, onsets);
  found.forEach((time, i) => expect(Math.abs(time - (onsets[i] ?? 0)), `note at ${onsets[i]} s`).toBeLessThan(0.02));
  return rendered;
}

test("downloads a transposed clip, and undoes the transposition", async ({ page }) => {
  await openStudioWith(page, EIGHTHS, 4);
  const before = await readNotes(await download(page, "MIDI"));
  await page.getByRole("button", { name: "Up a semitone" }).click();
  const after = await readNotes(await download(page, "MIDI"));
  expect(after).toEqual(before.map(([start, duration, pitch]) => [start, duration, pitch + 1]));
  await page.getByRole("button", { name: "Undo" }).click();
  expect(await readNotes(await download(page, "MIDI"))).toEqual(before);
});

test("the MusicXML file has every note of the clip", async ({ page }) => {
  await openStudioWith(page, EIGHTHS, 4);
  const document = await readFile(await download(page, "MusicXML"), "utf8");
  const pitches = await page.evaluate((xml) => {
    const steps: Record<string, number> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
    const notes = [...new DOMParser().parseFromString(xml, "application/xml").querySelectorAll("note")];
    const part = (note: Element, name: string) => note.querySelector(`pitch > ${name}`)?.textContent;
    return notes
      .filter((note) => note.querySelector("pitch") !== null && note.querySelector('tie[type="stop"]') === null)
      .map((note) => 12 * (Number(part(note, "octave")) + 1) + (steps[part(note, "step") ?? ""] ?? NaN) + Number(part(note, "alter") ?? 0));
  }, document);
  expect(pitches.sort((a, b) => a - b)).toEqual(EIGHTHS.map(([, , pitch]) => pitch).sort((a, b) => a - b));
});

for (const [model, how] of [["mini", "by continuing the bars before"], ["untrained", "by infilling"]] as const) {
  test(`regenerates the selected bars ${how}, and changes nothing else`, async ({ page }) => {
    await openStudioWith(page, WITH_HELD_NOTE, 4);
    const before = await readNotes(await download(page, "MIDI"));
    await page.getByLabel("Model", { exact: true }).selectOption(model);
    await selectBar(page, 2);
    const [request] = await Promise.all([page.waitForRequest(isGenerationRequest), page.getByRole("button", { name: "Regenerate" }).click()]);
    const { regenerate, primer_id } = request.postDataJSON() as { regenerate?: number[]; primer_id: string };
    expect(regenerate).toEqual(model === "mini" ? undefined : [1]);
    expect(primer_id).toBeTruthy();
    await page.getByRole("button", { name: "Variation 2", exact: true }).click({ timeout: 45_000 });
    await page.getByRole("button", { name: "Keep variation 2" }).click();
    const after = await readNotes(await download(page, "MIDI"));
    const outside = ([start = 0]: number[]) => start < 1920 || start >= 2 * 1920;
    expect(after.filter(outside)).toEqual(before.filter(outside));
    expect(after).not.toEqual(before);
  });
}

test("each bar follows its chord, also after regeneration", async ({ page }) => {
  await page.goto("/");
  await page.getByLabel("Chords, one per bar").fill("C H7");
  await expect(page.getByText("H7 is not a chord")).toBeVisible();
  await page.getByLabel("Chords, one per bar").fill("C F#m7");
  await setField(page, "Chord strictness", 1);
  await generate(page, 4, 12);
  const chordTones = [[0, 4, 7], [6, 9, 1, 4]];
  const followsChords = (notes: number[][]) => notes.every(([start = 0, , pitch = 0]) => chordTones[Math.floor(start / 1920) % 2]?.includes(pitch % 12));
  const before = await readNotes(await download(page, "MIDI"));
  expect(before.length).toBeGreaterThan(0);
  expect(followsChords(before)).toBe(true);
  for (const model of ["mini", "untrained"]) {
    await page.getByLabel("Model", { exact: true }).selectOption(model);
    await selectBar(page, 2);
    await page.getByRole("button", { name: "Regenerate" }).click();
    await page.getByRole("button", { name: "Variation 1", exact: true }).click({ timeout: 45_000 });
    await page.getByRole("button", { name: "Keep variation 1" }).click();
    const after = await readNotes(await download(page, "MIDI"));
    expect(after).not.toEqual(before);
    expect(followsChords(after)).toBe(true);
  }
});

test("names the versions that can regenerate bars if the selected one cannot", async ({ page }) => {
  await openStudioWith(page, EIGHTHS, 4);
  await page.getByLabel("Model", { exact: true }).selectOption("v4");
  await selectBar(page, 1);
  await expect(page.getByRole("button", { name: "Regenerate" })).toBeDisabled();
  await expect(page.getByText("v4 cannot regenerate bars. Choose another model: mini, untrained")).toBeVisible();
});

test("plays and renders with the synthesizer and the sound font, and fetches the font only when it is selected", async ({ page }) => {
  const fontRequests: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith(".sf3")) fontRequests.push(request.url());
  });
  const loudness = await measureLoudness(page);
  await openStudioWith(page, SEPARATE, 4);
  const synthesized = await downloadCheckedWav(page);
  await page.getByRole("button", { name: "Loop the melody" }).click();
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await expect.poll(loudness).toBeGreaterThan(0.02);
  expect(fontRequests).toEqual([]);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect.poll(loudness).toBeLessThan(0.001);
  await page.getByLabel("Sound", { exact: true }).selectOption("font");
  await expect(page.getByText("Loading the instruments")).toHaveCount(0, { timeout: 30_000 });
  await expect(page.getByLabel("Sound", { exact: true })).toHaveValue("font");
  expect(fontRequests).toHaveLength(1);
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await expect.poll(loudness).toBeGreaterThan(0.02);
  await page.getByRole("button", { name: "Mute" }).click();
  await expect.poll(loudness).toBeLessThan(0.001);
  const sampled = await downloadCheckedWav(page);
  expect(sampled.length).toBe(synthesized.length);
  expect(sampled.equals(synthesized)).toBe(false);
  await page.getByRole("link", { name: "Library" }).first().click();
  await page.getByRole("heading", { name: "Library" }).waitFor();
  await page.getByRole("link", { name: "Studio" }).first().click();
  await expect(page.getByLabel("Sound", { exact: true })).toHaveValue("font");
  await page.getByLabel("Sound", { exact: true }).selectOption("oscillators");
  expect((await downloadCheckedWav(page)).equals(sampled)).toBe(false);
});

test("playback is controlled by keyboard shortcuts", async ({ page }) => {
  await openStudioWith(page, EIGHTHS, 4);
  await pianoRoll(page).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Space");
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  for (const [key, name] of [["l", "Loop the melody"], ["m", "Mute"], ["k", "Metronome"]] as const) {
    await page.keyboard.press(key);
    await expect(page.getByRole("button", { name })).toHaveAttribute("aria-pressed", "true");
  }
  await page.keyboard.press("Space");
  await expect(page.getByRole("button", { name: "Play" })).toBeVisible();
});
