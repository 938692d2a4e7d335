// Every page as a picture, desktop and phone, dark and light, into out/screens/: people look at them.
// And every page without serious findings of axe.
import { expect, type Page, test } from "@playwright/test";
import axe from "axe-core";

const SCREENS = "../../out/screens";
const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

const PAGES: Record<string, (page: Page) => Promise<void>> = {
  "/": async (page) => {
    await page.getByRole("button", { name: "Generate" }).click();
    await expect(page.getByRole("button", { name: "WAV" })).toBeEnabled({ timeout: 45_000 });
  },
  "/compare/": async (page) => {
    await page.getByRole("button", { name: /^Write with/ }).click();
    await expect(page.getByText("...", { exact: true })).toHaveCount(0, { timeout: 45_000 });
  },
  "/batch/": async (page) => {
    await page.getByLabel("Melodies", { exact: true }).fill("24");
    await page.getByLabel("Bars each").fill("4");
    await page.getByRole("button", { name: "Write them" }).click();
    await expect(page.getByText("24 shown")).toBeVisible({ timeout: 60_000 });
    await expect(page.locator("li button svg path")).toHaveCount(24);
  },
  "/library/": async (page) => {
    await expect(page.getByRole("button", { name: /^Play / }).first()).toBeEnabled();
  },
  "/train/": async (page) => {
    await page.getByRole("heading", { name: "Begin a training" }).waitFor();
  },
  "/models/": async (page) => {
    await page.getByRole("article", { name: "v4", exact: true }).getByText("What it writes").click();
  },
};

async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>("axe.run()");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ""}`));
}

for (const [path, prepare] of Object.entries(PAGES)) {
  test(`${path} looks like a product, and axe has nothing serious to say`, async ({ page }) => {
    test.setTimeout(120_000);
    const name = path === "/" ? "studio" : path.replaceAll("/", "");
    await page.goto(path);
    await prepare(page);
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      expect(await findings(page), colorScheme).toEqual([]);
      for (const [size, viewport] of Object.entries(SIZES)) {
        await page.setViewportSize(viewport);
        await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
        expect(await page.evaluate(() => document.documentElement.scrollWidth), `${size} scrolls sideways`).toBeLessThanOrEqual(viewport.width);
        await page.screenshot({ path: `${SCREENS}/${name}-${size}-${colorScheme}.png`, fullPage: true });
      }
    }
  });
}
