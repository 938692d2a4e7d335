// The piano roll as pictures, and how long it takes to draw ten thousand notes.
import { expect, test } from "@playwright/test";

import { climbing, type Note, open, roll } from "./studio";

test("it draws notes, velocity, bars and scale, dark and light, zoomed in and with bars chosen", async ({ page }) => {
  await open(page, climbing, 4);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await expect(roll(page)).toHaveScreenshot(`roll-${colorScheme}.png`);
  }
  await roll(page).focus();
  for (const key of ["+", "+", "+"]) await page.keyboard.press(key);
  await expect(roll(page)).toHaveScreenshot("roll-zoomed.png");
  await page.keyboard.press("0");
  for (const key of ["Control+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight"]) await page.keyboard.press(key);
  await expect(page.getByText("Bars 2 to 3")).toBeVisible();
  await expect(roll(page)).toHaveScreenshot("roll-chosen.png");
});

test("ten thousand notes are drawn within a frame of sixty a second", async ({ page }) => {
  const many: Note[] = Array.from({ length: 10_000 }, (_, i) => [i * 40, 120, 40 + ((i * 11) % 48), 90]);
  await open(page, many, 209);
  await page.getByRole("button", { name: "Play", exact: true }).click();
  const gaps = await page.evaluate(
    () =>
      new Promise<number[]>((done) => {
        const times: number[] = [];
        requestAnimationFrame(function next(time) {
          times.push(time);
          if (times.length <= 120) requestAnimationFrame(next);
          else done(times.slice(1).map((each, i) => each - (times[i] ?? each)));
        });
      }),
  );
  gaps.sort((a, b) => a - b);
  expect(gaps[Math.floor(gaps.length / 2)]).toBeLessThan(1000 / 60 + 2);
});
