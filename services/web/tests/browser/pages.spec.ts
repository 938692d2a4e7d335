// The main workflow and the appearance of every page except the Studio page.
import { readFile } from "node:fs/promises";

import { expect, type Page, test } from "@playwright/test";
import { strFromU8, unzipSync } from "fflate";

import { checkAppearance } from "./appearance";

const authorization = async (page: Page) => ({ authorization: `Bearer ${await page.evaluate(() => localStorage.getItem("ostinato.key"))}` });

async function expectPlaying(page: Page): Promise<void> {
  const roll = page.getByRole("slider", { name: /^Piano roll/ }).first();
  const before = await roll.getAttribute("aria-valuenow");
  await expect(roll).not.toHaveAttribute("aria-valuenow", before ?? "");
}

test("Compare: two versions with the same seed, played from the same position, restored after a reload", async ({ page }) => {
  const requests: { model: string; seed: number }[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/v1/generations")) requests.push(request.postDataJSON() as (typeof requests)[0]);
  });
  await page.goto("/compare/");
  const versions = page.getByRole("group", { name: "Versions" }).locator("label");
  await versions.first().waitFor();
  for (const version of await versions.all()) await version.getByRole("checkbox").setChecked(["mini", "v4"].includes((await version.textContent()) ?? ""));
  await page.getByRole("button", { name: "Generate with 2 versions" }).click();
  await expect(page.getByText("...", { exact: true })).toHaveCount(0, { timeout: 45_000 });
  expect(new Set(requests.map(({ seed }) => seed)).size).toBe(1);
  expect(new Set(requests.map(({ model }) => model)).size).toBe(2);
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await expectPlaying(page);
  const roll = page.getByRole("slider", { name: /^Piano roll/ }).first();
  const position = Number(await roll.getAttribute("aria-valuenow"));
  await page.getByRole("button", { name: "Listen" }).nth(1).click();
  await expect(page.getByRole("button", { name: "Listen" }).nth(1)).toHaveAttribute("aria-pressed", "true");
  await expect.poll(async () => Number(await roll.getAttribute("aria-valuenow"))).toBeGreaterThan(position);
  await page.getByRole("button", { name: "Play X" }).click();
  await page.getByRole("button", { name: "X is A" }).click();
  await expect(page.getByText(/[01] of 1 correct/)).toBeVisible();
  const count = async () => Number(/(\d+) notes/.exec((await roll.getAttribute("aria-valuetext")) ?? "")?.[1]);
  const expectWhole = () => expect(roll).toHaveAttribute("aria-valuetext", /of 8, [1-9]\d* notes, 8 bars generated/);
  await expectWhole();
  const before = await count();
  await page.reload();
  await expect(page.getByRole("article")).toHaveCount(2);
  await expectWhole();
  expect(await count()).toBe(before);
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await expectPlaying(page);
  await checkAppearance(page, "compare");
});

test("Library: a favourite is stored, listed, and removed; its melody is deleted", async ({ page }) => {
  const seed = Date.now();
  await page.goto("/library/");
  await page.getByRole("heading", { name: "Library" }).waitFor();
  await page.request.post("/v1/generations", { headers: await authorization(page), data: { model: "mini", bars: 1, seed } });
  const star = page.getByRole("button", { name: `Favourite mini, seed ${seed}` });
  await expect(async () => {
    await page.reload();
    await expect(star).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await Promise.all([page.waitForResponse(/\/favourite$/), star.click()]);
  await expect(star).toHaveAttribute("aria-pressed", "true");
  await page.reload();
  await page.getByRole("button", { name: "Favourites" }).click();
  await expect(star).toHaveAttribute("aria-pressed", "true");
  for (const other of await page.getByRole("button", { name: /^Favourite / }).all()) await expect(other).toHaveAttribute("aria-pressed", "true");
  await star.click();
  await expect(star).toHaveCount(0);
  await page.getByRole("button", { name: "Favourites" }).click();
  await expect(star).toBeVisible();
  page.once("dialog", (dialog) => void dialog.accept());
  await page.getByRole("button", { name: `Delete mini, seed ${seed}` }).click();
  await expect(star).toHaveCount(0);
});

test("Batch: a grid of melodies, restored after a reload, sorted, and downloaded as a zip", async ({ page }) => {
  await page.goto("/batch/");
  await page.getByLabel("Melodies", { exact: true }).fill("200");
  await page.getByLabel("Bars", { exact: true }).fill("2");
  await page.getByLabel("First seed").fill("500");
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page.getByRole("button", { name: /^Play melody/ }).first()).toBeVisible({ timeout: 45_000 });
  await page.reload();
  await expect(page.getByText("200 shown")).toBeVisible({ timeout: 60_000 });
  const tiles = page.getByRole("region", { name: "Melodies" }).getByRole("listitem");
  expect(await tiles.count()).toBeLessThan(150);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await expect(tiles.last()).toHaveAttribute("aria-posinset", "200");
  await expect(tiles.first()).not.toHaveAttribute("aria-posinset", "1");
  await page.evaluate(() => scrollTo(0, 0));
  await expect(tiles.first()).toHaveAttribute("aria-posinset", "1");
  await page.getByLabel("Sort by").selectOption("most notes");
  const labels = await page.getByRole("button", { name: /^Play melody/ }).evaluateAll((all) => all.map((button) => button.textContent));
  const counts = labels.map((label) => Number(/(\d+) notes/.exec(label)?.[1]));
  expect(counts).toEqual([...counts].sort((a, b) => b - a));
  await page.getByRole("button", { name: /^Play melody/ }).first().click();
  await expect(page.getByRole("button", { name: /^Stop melody/ })).toBeVisible();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download zip" }).click()]);
  const files = unzipSync(new Uint8Array(await readFile(await file.path())));
  const { "manifest.jsonl": manifest, ...midis } = files;
  expect(strFromU8(manifest ?? new Uint8Array()).trim().split("\n")).toHaveLength(200);
  expect(Object.keys(midis)).toHaveLength(200);
  for (const [name, bytes] of Object.entries(midis)) expect(strFromU8(bytes.slice(0, 4)), name).toBe("MThd");
  await checkAppearance(page, "batch", false); // the grid renders only the tiles near the viewport
});

test("Batch: paused, resumed and cancelled; the places of melodies that are not finished are shown", async ({ page }) => {
  await page.goto("/batch/");
  await page.getByLabel("Melodies", { exact: true }).fill("20000");
  await page.getByLabel("Bars", { exact: true }).fill("16");
  await page.getByRole("button", { name: "Generate" }).click();
  const progress = page.getByRole("region", { name: "Progress" });
  await expect(progress).toContainText("of 20,000 melodies");
  await expect(page.getByRole("button", { name: /^Play melody 1 ,/ })).toBeVisible({ timeout: 45_000 });
  await expect(progress).toContainText("melodies per second");
  const tiles = page.getByRole("region", { name: "Melodies", exact: true }).getByRole("listitem");
  expect(await tiles.count()).toBeLessThan(200);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await expect(tiles.last()).toContainText("No melody yet: 20000");
  await page.evaluate(() => scrollTo(0, 0));
  await progress.getByRole("button", { name: "Pause" }).click();
  await expect(progress.getByRole("status")).toHaveText("paused");
  await checkAppearance(page, "batch-paused", false);
  await page.setViewportSize({ width: 1440, height: 900 });
  await progress.getByRole("button", { name: "Resume" }).click();
  await expect(progress.getByRole("button", { name: "Pause" })).toBeVisible();
  await progress.getByRole("button", { name: "Cancel" }).click();
  await expect(progress.getByRole("status")).toHaveText("cancelled", { timeout: 45_000 });
  await expect(page.getByText(/^[\d,]+ shown$/)).toBeVisible();
  await expect(progress.getByRole("button", { name: "Cancel" })).toHaveCount(0);
});

test("Batch: a file of requests, whose names and errors are shown", async ({ page }) => {
  await page.goto("/batch/");
  const good = Array.from({ length: 3 }, (_, i) => JSON.stringify({ custom_id: `verse ${i}`, model: "mini", bars: 1, seed: i }));
  const bad = Array.from({ length: 60 }, (_, i) => JSON.stringify({ custom_id: `mistake ${i}`, bars: 0 }));
  await page.getByLabel("Skip invalid lines and list them").check();
  const buffer = Buffer.from([...good, ...bad].join("\n"));
  await page.getByLabel("A file of requests").setInputFiles({ name: "requests.jsonl", mimeType: "application/x-ndjson", buffer });
  const progress = page.getByRole("region", { name: "Progress" });
  await expect(progress.getByRole("status")).toHaveText("partial", { timeout: 45_000 });
  await expect(progress).toContainText("3 of 63 melodies");
  await expect(progress).toContainText("requests.jsonl");
  await expect(page.getByRole("button", { name: /^Play melody 1 verse 0/ })).toBeVisible();
  const failed = page.getByRole("region", { name: "Failed melodies" });
  await expect(failed.getByRole("cell", { name: "mistake 0", exact: true })).toBeVisible();
  await failed.getByRole("button", { name: "Show more" }).click();
  await expect(failed.getByRole("cell", { name: "mistake 59", exact: true })).toBeVisible();
  await progress.getByRole("button", { name: "Retry failed" }).click();
  await expect(progress.getByRole("alert")).toContainText("Nothing failed in this batch but lines that are invalid");
  await checkAppearance(page, "batch-errors", false);
});

test("Library: arrow keys, playback, search, and opening in the Studio", async ({ page }) => {
  let release = () => {};
  const isReleased = new Promise<void>((resolve) => (release = resolve));
  await page.route(/\/v1\/melodies\/[0-9a-f-]+$/, (route) => isReleased.then(() => route.continue()));
  await page.goto("/library/");
  const playButtons = page.getByRole("button", { name: /^Play / });
  await playButtons.first().focus();
  await page.keyboard.press("ArrowDown");
  await expect(playButtons.nth(1)).toBeFocused();
  await page.keyboard.press("Enter"); // its notes are not loaded yet; playback starts when they are
  release();
  await expect(page.getByRole("button", { name: /^Stop / })).toBeVisible();
  await checkAppearance(page, "library");
  const seed = /seed (\d+)/.exec((await page.getByRole("button", { name: /^Stop / }).getAttribute("aria-label")) ?? "")?.[1] ?? "";
  await page.getByLabel("Search by model, seed or length").fill(seed);
  await expect(page.getByRole("button", { name: new RegExp(`Open .*seed ${seed} `) }).first()).toBeVisible();
  await page.getByRole("button", { name: new RegExp(`Open .*seed ${seed} `) }).first().click();
  await expect(page.getByRole("slider", { name: "Piano roll" })).toHaveAttribute("aria-valuetext", / [1-9]\d* notes/);
});

test("Models: facts, held-out likelihood and features of a version", async ({ page }) => {
  await page.goto("/models/");
  const card = page.getByRole("article", { name: "mini", exact: true });
  await card.waitFor();
  const models = (await (await page.request.get("/v1/models", { headers: await authorization(page) })).json()) as {
    items: { version: string; evaluation: { nats_per_note: number } }[];
  };
  const natsPerNote = models.items.find(({ version }) => version === "mini")?.evaluation.nats_per_note ?? 0;
  await expect(card.getByText(natsPerNote.toFixed(3))).toBeVisible();
  await expect(card.getByText(/held-out pieces/).first()).toBeVisible();
  await page.getByRole("article", { name: "v4", exact: true }).getByText("Samples compared with held-out pieces").click();
  await expect(page.getByRole("article", { name: "untrained" })).toContainText("regenerate bars between others");
  await checkAppearance(page, "models");
});

test("Train: a data set is uploaded, a version is trained, promoted, and selected in the Studio", async ({ page }) => {
  test.setTimeout(300_000);
  await page.goto("/train/");
  await page.getByLabel("MIDI files or a zip").setInputFiles(process.env.TRAINING_ZIP ?? "");
  await expect(page.getByText(/files used/).first()).toBeVisible({ timeout: 60_000 });
  const version = `trained-${Date.now() % 1e6}`;
  await page.getByLabel("Data set", { exact: true }).selectOption({ label: "tunes" });
  await page.getByLabel("Name of the new version").fill(version);
  await page.getByLabel("Minutes").fill("0.1");
  await page.getByRole("button", { name: "Start training" }).click();
  const training = page.getByRole("article", { name: version });
  await expect(training.getByText(/step \d+/).first()).toBeVisible({ timeout: 150_000 });
  await expect(training.getByText(/nats per note on held-out pieces/)).toBeVisible({ timeout: 60_000 });
  await training.getByRole("button", { name: /^Play the sample at step/ }).first().click({ timeout: 60_000 });
  await training.getByRole("button", { name: /^Stop the sample at step/ }).click();
  await training.getByRole("button", { name: "Promote" }).click({ timeout: 90_000 });
  await expect(training.getByText("Promoted", { exact: true })).toBeVisible({ timeout: 30_000 }); // after a worker's test
  await checkAppearance(page, "train");
  await page.goto("/");
  await page.getByLabel("Model", { exact: true }).selectOption(version);
});

test("Models and Train: a key offers nothing that it may not do", async ({ page }) => {
  await page.goto("/models/");
  const card = page.getByRole("article", { name: "untrained" });
  await expect(card).toBeVisible();
  const response = await page.request.post("/v1/keys", { headers: await authorization(page), data: { scopes: ["generate"] } });
  const { key } = (await response.json()) as { key: string };
  await page.goto("/library/"); // another page, so that the address with the key is loaded
  await page.goto(`/train/#key=${key}`);
  await expect(page.getByText("Your API key cannot train")).toBeVisible();
  await expect(page.getByRole("link", { name: "Train" })).toHaveCount(0);
  await page.getByRole("link", { name: "Models" }).click();
  await expect(page.getByRole("article").first()).toBeVisible();
  await expect(page.getByRole("button", { name: /^(Promote|Publish) / })).toHaveCount(0);
});
