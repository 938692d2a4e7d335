// Time signatures and bars of files on the Studio page.
import { expect, type Page, test } from "@playwright/test";

import { checkAppearance } from "./appearance";
import { encodeBars, readNotes, readTimeSignatures } from "./midiFiles";
import { download, expectComplete, openFile, pianoRoll, selectBar, setField, start } from "./studioPage";

/** A version that knows every time signature; the default one knows 4/4. */
const chooseVersion = (page: Page) => page.getByLabel("Model", { exact: true }).selectOption("untrained");

test("shows a waltz as soon as it is dropped, and regenerates one of its bars", async ({ page }) => {
  await openFile(page, "waltz8.mid");
  await expect(page.getByText("Continues waltz8.mid, 8 bars in 3/4")).toBeVisible();
  await expect(pianoRoll(page)).toHaveAttribute("aria-valuetext", /Bar 1\.1 of 8, \d\d notes, 8 bars generated/);
  await expect(page.getByText("mini does not know 3/4.")).toBeVisible();
  await selectBar(page, 3);
  await expect(page.getByText("mini does not know 3/4. Choose another model: untrained.")).toBeVisible();
  await chooseVersion(page);
  const before = await readNotes(await download(page, "MIDI"));
  expect(await start(page, "Regenerate")).toMatchObject({ track: 0, regenerate: [2] });
  await page.getByRole("button", { name: "Variation 1", exact: true }).click({ timeout: 45_000 });
  await page.getByRole("button", { name: "Keep variation 1" }).click();
  const file = await download(page, "MIDI");
  const after = await readNotes(file);
  const outside = ([tick = 0]: number[]) => tick < 2 * 1440 || tick >= 3 * 1440;
  expect(after.filter(outside)).toEqual(before.filter(outside));
  expect(after).not.toEqual(before);
  expect(await readTimeSignatures(file)).toEqual([[0, 3, 4]]);
  await pianoRoll(page).focus();
  await page.keyboard.press("Home");
  for (let beat = 0; beat < 5; beat++) await page.keyboard.press("ArrowRight");
  await expect(page.getByTestId("position")).toContainText("2.3");
  await checkAppearance(page, "metres");
});

test("continues a waltz from two bars before its end, in its time signature or in another one", async ({ page }) => {
  await openFile(page, "waltz8.mid");
  await chooseVersion(page);
  await setField(page, "Bars to add", 2);
  expect(await start(page)).not.toHaveProperty("time_signature");
  await expect(page.getByTestId("position")).toContainText(/^[78]\./);
  await expectComplete(page);
  await expect(pianoRoll(page)).toHaveAttribute("aria-valuetext", /of 10, /);
  expect(await readTimeSignatures(await download(page, "MIDI"))).toEqual([[0, 3, 4]]);
  await page.getByLabel("Time signature").selectOption("6/8");
  expect((await start(page)).time_signature).toBe("6/8");
  await expectComplete(page);
  const file = await download(page, "MIDI");
  expect(await readTimeSignatures(file)).toEqual([[0, 3, 4], [8 * 1440, 6, 8]]);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Up a semitone" }).click();
  expect(await readTimeSignatures(await download(page, "MIDI"))).toEqual([[0, 3, 4], [8 * 1440, 6, 8]]);
});

test("generates a melody in 6/8", async ({ page }) => {
  await page.goto("/");
  await chooseVersion(page);
  await page.getByLabel("Time signature").selectOption("6/8");
  await setField(page, "Length", 4);
  expect((await start(page)).time_signature).toBe("6/8");
  await expectComplete(page);
  const file = await download(page, "MIDI");
  expect(await readTimeSignatures(file)).toEqual([[0, 6, 8]]);
  expect(Math.max(...(await readNotes(file)).map(([tick, duration]) => tick + duration))).toBeLessThanOrEqual(4 * 1440);
  await pianoRoll(page).focus();
  await page.keyboard.press("End");
  await expect(page.getByTestId("position")).toContainText("0:06");
});

test("regenerates a bar of a file that was dropped, without a generation before", async ({ page }) => {
  const score = page.waitForRequest(/\/v1\/primers\/.*\/score$/);
  await openFile(page, "band8.mid");
  const id = /primers\/(.*)\/score/.exec((await score).url())?.[1];
  await chooseVersion(page);
  await page.getByLabel("Track to continue").selectOption("Strings");
  await selectBar(page, 2);
  expect(await start(page, "Regenerate")).toMatchObject({ primer_id: id, track: 2, regenerate: [1] });
  await page.getByRole("button", { name: "Variation 1", exact: true }).click({ timeout: 45_000 });
  await page.getByRole("button", { name: "Close" }).click();
  const file = page.waitForRequest(/\/v1\/primers\/.*\.mid$/);
  await download(page, "MIDI");
  expect((await file).url()).toContain(`/${id}.mid`);
});

test("uses some bars of a file that is too long", async ({ page }) => {
  await page.goto("/");
  await page.getByLabel("MIDI file to continue", { exact: true }).setInputFiles({ name: "long.mid", mimeType: "audio/midi", buffer: encodeBars(300) });
  await expect(page.getByText("a primer has at most 256 bars")).toBeVisible();
  await setField(page, "First bar to use", 101);
  await setField(page, "Last bar to use", 104);
  await page.getByRole("button", { name: "Use these bars" }).click();
  await expect(page.getByText("Continues long.mid, 4 bars")).toBeVisible();
  await expect(page.getByText("a primer has at most 256 bars")).toHaveCount(0);
  await expect(pianoRoll(page)).toHaveAttribute("aria-valuetext", /of 4, 4 notes/);
  expect((await readNotes(await download(page, "MIDI"))).map(([, , pitch]) => pitch)).toEqual([64, 65, 66, 67]);
});
