// The studio's main path: a piece is written, seen, heard and taken away; and what happens in between
// is survived.
import { readFile } from "node:fs/promises";

import { expect, type Request, test } from "@playwright/test";

import { look } from "./look";
import { midiOf, notesOf } from "./midi";
import { download, hasEnded, holdBack, isGeneration, isWritten, notesShown, roll, set, write } from "./studio";

test.beforeEach(async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Generate" }).waitFor();
});

test("within three seconds of Generate notes are seen and heard, on a page that looks like a product", async ({ page }) => {
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(roll(page)).toHaveAttribute("aria-valuetext", / [1-9]\d* notes/, { timeout: 3_000 });
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  await expect(page.getByTestId("position")).not.toContainText("1.1", { timeout: 3_000 });
  await isWritten(page);
  await page.getByRole("button", { name: "Pause" }).click();
  await look(page, "studio");
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
      if (asked.length < 4 && ++told === 1) void browser.close();
    });
  });
  await write(page, 8, 31);
  expect(asked.length).toBeGreaterThanOrEqual(4);
  expect(asked.slice(1).every((url) => url.includes("after="))).toBe(true);
  expect((await notesOf(await download(page, "MIDI"))).length).toBe(await notesShown(page));
});

for (const [when, ended] of [["while a piece is written", false], ["when a piece has just ended, which the page has not heard", true]] as const) {
  test(`a knob that is moved ${when} is heard from a later bar on`, async ({ page }) => {
    const release = await holdBack(page, 2);
    await set(page, "Length", 48);
    await set(page, "Seed", 41);
    const [first] = await Promise.all([page.waitForResponse((answer) => isGeneration(answer.request())), page.getByRole("button", { name: "Generate" }).click()]);
    await expect(roll(page)).toHaveAttribute("aria-valuetext", / ([2-9]|[1-4]\d) bars written/);
    if (ended) await hasEnded(page, ((await first.json()) as { id: string }).id);
    const second = page.waitForRequest(isGeneration);
    await set(page, "Temperature", 0.5);
    const request = (await second).postDataJSON() as { primer_id: string; sampling: { temperature: number }; bars: number };
    release();
    expect(request.sampling.temperature).toBe(0.5);
    expect(request.primer_id).toBeTruthy();
    expect(request.bars).toBeLessThan(48);
    await isWritten(page);
    await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
    expect((await notesOf(await download(page, "MIDI"))).at(-1)?.[0]).toBeGreaterThan(44 * 1920);
  });
}

test("stopping keeps what was written", async ({ page }) => {
  const release = await holdBack(page, 1);
  await set(page, "Length", 64);
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(roll(page)).toHaveAttribute("aria-valuetext", / [1-9]\d* bars written/);
  await page.getByRole("button", { name: "Stop" }).click();
  release();
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

test("a piece that failed is tried again as it was asked for", async ({ page }) => {
  const theme = { name: "growl.mid", mimeType: "audio/midi", buffer: midiOf([3, 5]) };
  await page.getByLabel("MIDI file to go on from", { exact: true }).setInputFiles(theme);
  await expect(page.getByText("Goes on from growl.mid")).toBeVisible();
  await set(page, "Seed", 8);
  const [first] = await Promise.all([page.waitForRequest(isGeneration), page.getByRole("button", { name: "Generate" }).click()]);
  await expect(page.getByText("knows none of its pitches")).toBeVisible();
  await set(page, "Seed", 9);
  const [second] = await Promise.all([page.waitForRequest(isGeneration), page.getByRole("button", { name: "Try again" }).click()]);
  const asked = (request: Request) => request.postDataJSON() as { seed: number; primer_id: string };
  expect(asked(second).seed).toBe(8);
  expect(asked(second).primer_id).toBe(asked(first).primer_id);
  await page.getByRole("button", { name: "Do not go on from growl.mid" }).click();
  await write(page, 2, 9);
  await expect(page.getByRole("button", { name: "Try again" })).toHaveCount(0);
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
