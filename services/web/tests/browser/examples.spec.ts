// The page of examples/, served from another origin than the gateway's: EXAMPLES_URL, with 127.0.0.1 as its host.
import { expect, type Page, test } from "@playwright/test";

import { readNotes } from "./midiFiles";

const ALLOWED = process.env.EXAMPLES_URL ?? "http://127.0.0.1:9000";
const NOT_ALLOWED = ALLOWED.replace("127.0.0.1", "localhost");
const KEY = process.env.OSTINATO_API_KEY ?? "";

const status = (page: Page) => page.getByRole("status");
const downloadLink = (page: Page) => page.getByRole("link", { name: "Download the MIDI file" });

async function requestMelody(page: Page, gateway: string | undefined, bars: number, { origin = ALLOWED, key = KEY } = {}): Promise<void> {
  await page.goto(`${origin}/melody.html`);
  await page.getByLabel("Gateway").fill(gateway ?? "");
  await page.getByLabel("API key").fill(key);
  await page.getByLabel("Bars").fill(String(bars));
  await page.getByRole("button", { name: "Write and play" }).click();
}

async function downloadedNotes(page: Page): Promise<number> {
  await expect(downloadLink(page)).toBeVisible({ timeout: 45_000 });
  const [file] = await Promise.all([page.waitForEvent("download"), downloadLink(page).click()]);
  return (await readNotes(await file.path())).length;
}

test("shows, plays and downloads a melody while it is written", async ({ page, baseURL }) => {
  await page.addInitScript(() => {
    const counts = { started: 0 };
    const texts = new Set<string>();
    globalThis.OscillatorNode = class extends OscillatorNode {
      override start(when?: number): void {
        counts.started += 1;
        super.start(when);
      }
    };
    const record = () => {
      texts.add(document.querySelector("[role=status]")?.textContent ?? "");
      Object.assign(document.body.dataset, { numStarted: counts.started, texts: [...texts].join("; ") });
    };
    addEventListener("DOMContentLoaded", () => new MutationObserver(record).observe(document.body, { subtree: true, childList: true }));
  });
  await requestMelody(page, baseURL, 32);
  const count = await downloadedNotes(page);
  expect(count).toBeGreaterThan(32);
  await expect(status(page)).toHaveText(`${count} notes, 32 of 32 bars`);
  await expect(page.locator("body")).toHaveAttribute("data-num-started", String(count));
  await expect(page.locator("body")).toHaveAttribute("data-texts", /\d+ notes, (?!32)\d+ of 32 bars; /);
  const colors = await page.locator("canvas").evaluate((canvas: HTMLCanvasElement) => new Set(canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data).size);
  expect(colors).toBeGreaterThan(2);
});

test("resumes a broken connection without lost or duplicate notes", async ({ page, baseURL }) => {
  const urls: string[] = [];
  await page.routeWebSocket(/\/events/, (browser) => {
    urls.push(browser.url());
    const server = browser.connectToServer();
    let numMessages = 0;
    server.onMessage((message) => {
      browser.send(message);
      if (urls.length < 3 && ++numMessages === 2) void browser.close();
    });
  });
  await requestMelody(page, baseURL, 8);
  const count = await downloadedNotes(page);
  await expect(status(page)).toHaveText(`${count} notes, 8 of 8 bars`);
  expect(urls).toHaveLength(3);
  expect(urls.slice(1).every((url) => url.includes("after="))).toBe(true);
});

test("shows the sentence of an error that the gateway returns", async ({ page, baseURL }) => {
  await requestMelody(page, baseURL, 8, { key: "ost_mistyped" });
  await expect(status(page)).toHaveText("This API key is unknown or revoked, or has expired.");
});

test("accepts an address that ends in /v1", async ({ page, baseURL }) => {
  await requestMelody(page, `${baseURL ?? ""}/v1`, 1);
  expect(await downloadedNotes(page)).toBeGreaterThan(0);
});

test("says which setting allows its origin", async ({ page, baseURL }) => {
  await requestMelody(page, baseURL, 8, { origin: NOT_ALLOWED });
  await expect(status(page)).toContainText(`OSTINATO_ALLOWED_ORIGINS=${NOT_ALLOWED}`);
});
