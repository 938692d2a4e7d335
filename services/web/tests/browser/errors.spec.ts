// How the studio reports errors and recovers from them.
import { expect, test } from "@playwright/test";

import { encodeMidi } from "./midiFiles";
import { expectComplete, isBatchRequest, isGenerationRequest, type Note, openStudioWith, selectBar, setField } from "./studioPage";

const GENERATE = { name: "Generate" };

test("asks for another key if the gateway rejects the stored one", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", GENERATE).waitFor();
  const key = await page.evaluate(() => localStorage.getItem("ostinato.key"));
  await page.route("/studio/key", (route) => route.fulfill({ status: 404 })); // as in production
  await page.evaluate(() => localStorage.setItem("ostinato.key", "ost_mistyped"));
  await page.reload();
  await expect(page.getByText("does not accept this key")).toBeVisible();
  await page.getByLabel("Key", { exact: true }).fill(key ?? "");
  await page.getByRole("button", { name: "Open the studio" }).click();
  await expect(page.getByRole("button", GENERATE)).toBeEnabled();
});

test("creates no second job if the response to the first request is lost", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", GENERATE).waitFor();
  const jobIds: string[] = [];
  await page.route("/v1/generations", async (route) => {
    const response = await route.fetch();
    jobIds.push(((await response.json()) as { id: string }).id);
    if (jobIds.length === 1) await route.abort("connectionreset");
    else await route.fulfill({ response });
  });
  await setField(page, "Length", 2);
  await page.getByRole("button", GENERATE).click();
  await expectComplete(page);
  expect(jobIds).toHaveLength(2);
  expect(new Set(jobIds).size).toBe(1);
});

test("sends the largest seed without rounding", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", GENERATE).waitFor();
  const largest = String(Number.MAX_SAFE_INTEGER);
  await page.getByLabel("Seed", { exact: true }).fill(largest);
  await setField(page, "Length", 1);
  const [request] = await Promise.all([page.waitForRequest(isGenerationRequest), page.getByRole("button", GENERATE).click()]);
  expect(String((request.postDataJSON() as { seed: number }).seed)).toBe(largest);
  await expectComplete(page);
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "MIDI", exact: true }).click()]);
  expect(file.suggestedFilename()).toBe(`ostinato-${(request.postDataJSON() as { model: string }).model}-${largest}.mid`);
});

test("shows why a regeneration failed", async ({ page }) => {
  const belowVocabulary = [0, 1, 2, 3].map((bar): Note => [bar * 1920, 480, 3, 80]);
  await openStudioWith(page, belowVocabulary, 4);
  await selectBar(page, 2);
  await page.getByRole("button", { name: "Regenerate" }).click();
  await expect(page.getByText("none of the primer's pitches")).toBeVisible();
});

test("keeps showing a primer that the selected version cannot continue, until it is removed", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", GENERATE).waitFor();
  const primer = { name: "theme.mid", mimeType: "audio/midi", buffer: encodeMidi([60, 64]) };
  await page.getByLabel("MIDI file to continue", { exact: true }).setInputFiles(primer);
  await expect(page.getByText("Continues theme.mid")).toBeVisible();
  await page.getByLabel("Model", { exact: true }).selectOption("v4");
  await expect(page.getByText("v4 cannot continue a MIDI file.")).toBeVisible();
  await page.getByRole("button", { name: "Remove theme.mid" }).click();
  await setField(page, "Length", 1);
  await page.getByRole("button", GENERATE).click();
  await expectComplete(page);
});

test("sends no seed after the field First seed is cleared", async ({ page }) => {
  await page.goto("/batch/");
  const seed = page.getByLabel("First seed", { exact: true });
  await seed.fill("5");
  await seed.fill("");
  await page.getByLabel("Melodies", { exact: true }).fill("1");
  await page.getByLabel("Bars", { exact: true }).fill("1");
  const [request] = await Promise.all([page.waitForRequest(isBatchRequest), page.getByRole("button", GENERATE).click()]);
  expect((request.postDataJSON() as { request: { seed: number | null } }).request.seed).toBeNull();
});

test("names the invalid lines of a file, and submits nothing", async ({ page }) => {
  await page.goto("/batch/");
  const lines = '{"custom_id": "good", "bars": 1}\n{"custom_id": "bad", "bars": 0}\nnot JSON\n';
  await page.getByLabel("A file of requests").setInputFiles({ name: "requests.jsonl", mimeType: "application/x-ndjson", buffer: Buffer.from(lines) });
  const alert = page.getByRole("main").getByRole("alert");
  await expect(alert).toContainText("Line 2 (bad): bars: ");
  await expect(alert.getByRole("listitem")).toHaveText(/^Line 3: /);
});

test("rejects a file that is too large before it is sent", async ({ page }) => {
  await page.goto("/batch/");
  await page.getByRole("button", GENERATE).waitFor();
  await page.getByLabel("A file of requests").evaluate((input: HTMLInputElement) => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(50_000_001)], "requests.jsonl"));
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await expect(page.getByRole("main").getByRole("alert")).toHaveText("requests.jsonl has 51 MB, and a batch has at most 50 MB: split the file.");
});
