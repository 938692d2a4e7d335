// The piano roll as pictures, and how long it takes to draw ten thousand notes.
import { expect, type Page, test } from "@playwright/test";

type Note = [number, number, number, number];

/** A piece that the studio opens with: given, so that the picture is always the same. */
async function open(page: Page, notes: Note[], bars: number): Promise<void> {
  const piece = { notes, bars, tempo: 120, instrument: 0 };
  const history = { past: [], present: piece, future: [] };
  await page.addInitScript((kept) => localStorage.setItem("ostinato.studio", kept), JSON.stringify({ work: null, history }));
  await page.goto("/");
  await expect(page.getByRole("slider", { name: "Piano roll" })).toHaveAttribute("aria-valuetext", new RegExp(` ${notes.length} notes`));
}

const climbing: Note[] = Array.from({ length: 32 }, (_, i) => [i * 240, 200, 60 + ((i * 7) % 24), 20 + i * 3]);
const roll = (page: Page) => page.getByRole("slider", { name: "Piano roll" });

for (const colorScheme of ["dark", "light"] as const) {
  test(`notes, velocity, bars and scale, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await open(page, climbing, 4);
    await expect(roll(page)).toHaveScreenshot(`roll-${colorScheme}.png`);
  });
}

test("chosen bars, and the locked ones beside them", async ({ page }) => {
  await open(page, climbing, 4);
  await roll(page).focus();
  for (const key of ["Control+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight"]) await page.keyboard.press(key);
  await expect(page.getByText("Bars 2 to 3")).toBeVisible();
  await expect(roll(page)).toHaveScreenshot("roll-chosen.png");
});

test("zoomed in", async ({ page }) => {
  await open(page, climbing, 4);
  await roll(page).focus();
  for (const key of ["+", "+", "+"]) await page.keyboard.press(key);
  await expect(roll(page)).toHaveScreenshot("roll-zoomed.png");
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
