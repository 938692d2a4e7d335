// Browser tests against a running stack: OSTINATO_URL is its address, CHROMIUM the path of the browser.
import { defineConfig } from "@playwright/test";

const browser = process.env.CHROMIUM;

export default defineConfig({
  testDir: "tests/browser",
  fullyParallel: false,
  workers: 2, // one test runs while another waits for the stack
  timeout: 60_000,
  expect: { timeout: 15_000, toHaveScreenshot: { maxDiffPixelRatio: 0.01 } },
  snapshotPathTemplate: "{testDir}/snapshots/{arg}{ext}",
  forbidOnly: true,
  reporter: "list",
  use: {
    baseURL: process.env.OSTINATO_URL ?? "http://127.0.0.1:8000",
    viewport: { width: 1440, height: 900 },
    permissions: ["clipboard-read", "clipboard-write"],
    colorScheme: "dark",
    launchOptions: {
      ...(browser === undefined ? {} : { executablePath: browser }),
      args: [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
});
