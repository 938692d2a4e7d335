// The browser's tests, against a stack that is up: OSTINATO_URL says where, CHROMIUM which browser.
import { defineConfig } from "@playwright/test";

const browser = process.env.CHROMIUM;

export default defineConfig({
  testDir: "tests/browser",
  fullyParallel: false,
  workers: 2, // one waits for the stack while the other works
  timeout: 60_000,
  expect: { timeout: 15_000, toHaveScreenshot: { maxDiffPixelRatio: 0.01 } },
  snapshotPathTemplate: "{testDir}/pictures/{arg}{ext}",
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
