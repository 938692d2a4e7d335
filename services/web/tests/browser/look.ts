// How a page looks: pictures of it, desktop and phone, dark and light, go to out/screens/, for people
// to look at them; and axe has nothing serious to say.
import { expect, type Page } from "@playwright/test";
import axe from "axe-core";

const SCREENS = "../../out/screens";
const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

/** Leaves the page as it found it, but for the size of a phone and the light. What is not in sight is in the picture, too. */
export async function look(page: Page, name: string, fullPage = true): Promise<void> {
  await page.evaluate(axe.source);
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    expect(await findings(page), colorScheme).toEqual([]);
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      await page.evaluate(() => scrollTo(0, 0));
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `${size} scrolls sideways`).toBeLessThanOrEqual(viewport.width);
      await page.screenshot({ path: `${SCREENS}/${name}-${size}-${colorScheme}.png`, fullPage });
    }
  }
}

async function findings(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate<axe.AxeResults>("axe.run({ resultTypes: ['violations'] })");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ""}`));
}
