// Screenshots of the piano roll, and its drawing speed with ten thousand notes.
import { expect, test } from "@playwright/test";

import { EIGHTHS, type Note, openStudioWith, pianoRoll } from "./studioPage";

test("draws notes, velocities, bars and scale: dark, light, zoomed, with selected bars", async ({ page }) => {
  await openStudioWith(page, EIGHTHS, 4);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await expect(pianoRoll(page)).toHaveScreenshot(`roll-${colorScheme}.png`);
  }
  await pianoRoll(page).focus();
  for (const key of ["+", "+", "+"]) await page.keyboard.press(key);
  await expect(pianoRoll(page)).toHaveScreenshot("roll-zoomed.png");
  await page.keyboard.press("0");
  for (const key of ["Control+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight"]) await page.keyboard.press(key);
  await expect(page.getByText("Bars 2 to 3")).toBeVisible();
  await expect(pianoRoll(page)).toHaveScreenshot("roll-selected.png");
});

test("draws ten thousand notes at 60 frames per second", async ({ page }) => {
  const notes: Note[] = Array.from({ length: 10_000 }, (_, i) => [i * 40, 120, 40 + ((i * 11) % 48), 90]);
  await openStudioWith(page, notes, 209);
  await page.getByRole("button", { name: "Play", exact: true }).click();
  const gaps = await page.evaluate(
    () =>
      new Promise<number[]>((done) => {
        const times: number[] = [];
        requestAnimationFrame(function next(time) {
          times.push(time);
          if (times.length <= 120) requestAnimationFrame(next);
          else done(times.slice(1).map((time, i) => time - (times[i] ?? time)));
        });
      }),
  );
  gaps.sort((a, b) => a - b);
  expect(gaps[Math.floor(gaps.length / 2)]).toBeLessThan(1000 / 60 + 2);
});
