// Saves screenshots of a page to out/screens/ (desktop and phone, dark and light) and checks it with axe.
import { expect, type Page } from "@playwright/test";
import axe from "axe-core";

const SCREENS = "../../out/screens";
const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

/** Fails on horizontal scrolling and on serious accessibility violations. Afterwards the page has phone size and light mode. */
export async function checkAppearance(page: Page, name: string, fullPage = true): Promise<void> {
  await page.evaluate(axe.source);
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    expect(await findViolations(page), colorScheme).toEqual([]);
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      await page.evaluate(() => scrollTo(0, 0));
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `${size} scrolls horizontally`).toBeLessThanOrEqual(viewport.width);
      await page.screenshot({ path: `${SCREENS}/${name}-${size}-${colorScheme}.png`, fullPage });
    }
  }
}

async function findViolations(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate<axe.AxeResults>("axe.run({ resultTypes: ['violations'] })");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ""}`));
}
