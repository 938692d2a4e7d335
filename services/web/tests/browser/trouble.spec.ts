// What goes wrong, and what the page makes of it.
import { expect, test } from "@playwright/test";

import { midiOf } from "./midi";
import { choose, isGeneration, isWritten, open, set, type Note } from "./studio";

const generate = { name: "Generate" };

test("a key that is refused is asked for again", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", generate).waitFor();
  const key = await page.evaluate(() => localStorage.getItem("ostinato.key"));
  await page.route("/studio/key", (route) => route.fulfill({ status: 404 })); // as where the page has another origin than the key
  await page.evaluate(() => localStorage.setItem("ostinato.key", "ost_mistyped"));
  await page.reload();
  await expect(page.getByText("does not know the key that was here")).toBeVisible();
  await page.getByLabel("Key", { exact: true }).fill(key ?? "");
  await page.getByRole("button", { name: "Open the studio" }).click();
  await expect(page.getByRole("button", generate)).toBeEnabled();
});

test("an answer that is lost makes no second job", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", generate).waitFor();
  const made: string[] = [];
  let isLost = false;
  await page.route("/v1/generations", async (route) => {
    const answer = await route.fetch();
    made.push(((await answer.json()) as { id: string }).id);
    if (isLost) await route.fulfill({ response: answer });
    else await route.abort("connectionreset");
    isLost = true;
  });
  await set(page, "Length", 2);
  await page.getByRole("button", generate).click();
  await isWritten(page);
  expect(made).toHaveLength(2);
  expect(new Set(made).size).toBe(1);
});

test("a seed is kept to its last digit", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", generate).waitFor();
  const largest = String(Number.MAX_SAFE_INTEGER);
  await page.getByLabel("Seed", { exact: true }).fill(largest);
  await set(page, "Length", 1);
  const [request] = await Promise.all([page.waitForRequest(isGeneration), page.getByRole("button", generate).click()]);
  expect(String((request.postDataJSON() as { seed: number }).seed)).toBe(largest);
  await isWritten(page);
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "MIDI", exact: true }).click()]);
  expect(file.suggestedFilename()).toBe(`ostinato-${(request.postDataJSON() as { model: string }).model}-${largest}.mid`);
});

test("takes that fail say why", async ({ page }) => {
  const growl = [0, 1, 2, 3].map((bar): Note => [bar * 1920, 480, 3, 80]);
  await open(page, growl, 4);
  await choose(page, 2);
  await page.getByRole("button", { name: "Regenerate" }).click();
  await expect(page.getByText("knows none of its pitches")).toBeVisible();
});

test("a theme that the version cannot go on from stays in sight, and can be let go", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", generate).waitFor();
  const theme = { name: "theme.mid", mimeType: "audio/midi", buffer: midiOf([60, 64]) };
  await page.getByLabel("MIDI file to go on from", { exact: true }).setInputFiles(theme);
  await expect(page.getByText("Goes on from theme.mid")).toBeVisible();
  await page.getByLabel("Model", { exact: true }).selectOption("v4");
  await expect(page.getByText("v4 cannot go on from a MIDI file.")).toBeVisible();
  await page.getByRole("button", { name: "Do not go on from theme.mid" }).click();
  await set(page, "Length", 1);
  await page.getByRole("button", generate).click();
  await isWritten(page);
});

test("a batch's first seed can be left to chance again", async ({ page }) => {
  await page.goto("/batch/");
  const seed = page.getByLabel("First seed", { exact: true });
  await seed.fill("5");
  await seed.fill("");
  await page.getByLabel("Melodies", { exact: true }).fill("1");
  await page.getByLabel("Bars each", { exact: true }).fill("1");
  const [request] = await Promise.all([page.waitForRequest(isGeneration), page.getByRole("button", { name: "Write them" }).click()]);
  expect((request.postDataJSON() as { seed: number | null }).seed).toBeNull();
});
