// Generating a melody on the Studio page: display, playback, download, reload, reconnection, retry.
import { readFile } from "node:fs/promises";

import { expect, type Request, test } from "@playwright/test";

import { checkAppearance } from "./appearance";
import { encodeMidi, readNotes } from "./midiFiles";
import { delayEvents, download, expectComplete, generate, isGenerationRequest, numNotesShown, pianoRoll, setField, waitForJob } from "./studioPage";

test.beforeEach(async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Generate" }).waitFor();
});

test("shows and plays notes within three seconds, and the page is accessible", async ({ page }) => {
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(pianoRoll(page)).toHaveAttribute("aria-valuetext", / [1-9]\d* notes/, { timeout: 3_000 });
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  await expect(page.getByTestId("position")).not.toContainText("1.1", { timeout: 3_000 });
  await expectComplete(page);
  await page.getByRole("button", { name: "Pause" }).click();
  await checkAppearance(page, "studio");
});

test("the downloaded MIDI file has the notes that are shown", async ({ page }) => {
  await generate(page, 4, 11);
  const notes = await readNotes(await download(page, "MIDI"));
  expect(notes.length).toBeGreaterThan(0);
  expect(notes.length).toBe(await numNotesShown(page));
});

test("generates only notes of the selected scale", async ({ page }) => {
  await page.getByLabel("Restrict to key", { exact: true }).selectOption("Eb");
  await page.getByLabel("Mode", { exact: true }).selectOption("blues");
  await generate(page, 4, 12);
  const notes = await readNotes(await download(page, "MIDI"));
  expect(notes.length).toBeGreaterThan(0);
  const blues = [0, 3, 5, 6, 7, 10].map((step) => (3 + step) % 12);
  for (const [, , pitch] of notes) expect(blues).toContain(pitch % 12);
});

test("a reload during a generation loses no notes", async ({ page }) => {
  await setField(page, "Length", 16);
  await setField(page, "Seed", 21);
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(pianoRoll(page)).toHaveAttribute("aria-valuetext", / [1-9]\d* notes/);
  await page.reload();
  await expectComplete(page);
  const notes = await readNotes(await download(page, "MIDI"));
  expect(notes.length).toBe(await numNotesShown(page));
  expect(notes.at(-1)?.[0]).toBeGreaterThan(14 * 1920);
});

test("resumes a broken connection without lost or duplicate notes", async ({ page }) => {
  const urls: string[] = [];
  await page.routeWebSocket(/\/events/, (browser) => {
    urls.push(browser.url());
    const server = browser.connectToServer();
    let numMessages = 0;
    server.onMessage((message) => {
      browser.send(message);
      if (urls.length < 4 && ++numMessages === 1) void browser.close();
    });
  });
  await generate(page, 8, 31);
  expect(urls.length).toBeGreaterThanOrEqual(4);
  expect(urls.slice(1).every((url) => url.includes("after="))).toBe(true);
  expect((await readNotes(await download(page, "MIDI"))).length).toBe(await numNotesShown(page));
});

for (const [when, hasEnded] of [["during a generation", false], ["after a generation has ended, before the page receives the event", true]] as const) {
  test(`a sampling setting that changes ${when} applies from a later bar`, async ({ page }) => {
    const release = await delayEvents(page, 2);
    await setField(page, "Length", 48);
    await setField(page, "Seed", 41);
    const [first] = await Promise.all([page.waitForResponse((response) => isGenerationRequest(response.request())), page.getByRole("button", { name: "Generate" }).click()]);
    await expect(pianoRoll(page)).toHaveAttribute("aria-valuetext", / ([2-9]|[1-4]\d) bars generated/);
    if (hasEnded) await waitForJob(page, ((await first.json()) as { id: string }).id);
    const second = page.waitForRequest(isGenerationRequest);
    await setField(page, "Temperature", 0.5);
    const request = (await second).postDataJSON() as { primer_id: string; sampling: { temperature: number }; bars: number };
    release();
    expect(request.sampling.temperature).toBe(0.5);
    expect(request.primer_id).toBeTruthy();
    expect(request.bars).toBeLessThan(48);
    await expectComplete(page);
    await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
    expect((await readNotes(await download(page, "MIDI"))).at(-1)?.[0]).toBeGreaterThan(44 * 1920);
  });
}

test("keeps the generated bars when the generation is stopped", async ({ page }) => {
  const release = await delayEvents(page, 1);
  await setField(page, "Length", 64);
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(pianoRoll(page)).toHaveAttribute("aria-valuetext", / [1-9]\d* bars generated/);
  await page.getByRole("button", { name: "Stop" }).click();
  release();
  await expectComplete(page);
  expect((await readNotes(await download(page, "MIDI"))).length).toBeGreaterThan(0);
});

test("a link generates the same melody again", async ({ page }) => {
  await generate(page, 2, 77);
  const before = await readNotes(await download(page, "MIDI"));
  await page.getByRole("button", { name: "Link" }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.evaluate(() => localStorage.clear());
  await page.goto(link);
  await page.getByRole("button", { name: "Generate" }).click();
  await expectComplete(page);
  expect(await readNotes(await download(page, "MIDI"))).toEqual(before);
});

test("retries a failed generation with its original request", async ({ page }) => {
  const primer = { name: "growl.mid", mimeType: "audio/midi", buffer: encodeMidi([3, 5]) };
  await page.getByLabel("MIDI file to continue", { exact: true }).setInputFiles(primer);
  await expect(page.getByText("Continues growl.mid")).toBeVisible();
  await setField(page, "Seed", 8);
  const [first] = await Promise.all([page.waitForRequest(isGenerationRequest), page.getByRole("button", { name: "Generate" }).click()]);
  await expect(page.getByText("none of the primer's pitches")).toBeVisible();
  await setField(page, "Seed", 9);
  const [second] = await Promise.all([page.waitForRequest(isGenerationRequest), page.getByRole("button", { name: "Try again" }).click()]);
  const bodyOf = (request: Request) => request.postDataJSON() as { seed: number; primer_id: string };
  expect(bodyOf(second).seed).toBe(8);
  expect(bodyOf(second).primer_id).toBe(bodyOf(first).primer_id);
  await page.getByRole("button", { name: "Remove growl.mid" }).click();
  await generate(page, 2, 9);
  await expect(page.getByRole("button", { name: "Try again" })).toHaveCount(0);
});

test("continues a MIDI file", async ({ page }) => {
  await generate(page, 2, 5);
  const primer = await download(page, "MIDI");
  const opening = await readNotes(primer);
  await page.getByLabel("MIDI file to continue", { exact: true }).setInputFiles({ name: "theme.mid", mimeType: "audio/midi", buffer: await readFile(primer) });
  await expect(page.getByText("Continues theme.mid, 2 bars")).toBeVisible();
  await setField(page, "Bars to add", 2);
  await page.getByRole("button", { name: "Generate" }).click();
  await expectComplete(page);
  const notes = await readNotes(await download(page, "MIDI"));
  expect(notes.slice(0, opening.length)).toEqual(opening);
  expect(notes.length).toBeGreaterThan(opening.length);
});
