// The studio's page, as its tests go about it.
import { expect, type Page, type Request } from "@playwright/test";

export type Note = [number, number, number, number];

export const roll = (page: Page) => page.getByRole("slider", { name: "Piano roll" });

/** A piece that the studio opens with: given, so that nothing has to be written for it. */
export async function open(page: Page, notes: Note[], bars: number): Promise<void> {
  const piece = { notes, bars, tempo: 120, instrument: 0 };
  const history = { past: [], present: piece, future: [] };
  await page.addInitScript((kept) => localStorage.setItem("ostinato.studio", kept), JSON.stringify({ work: null, history }));
  await page.goto("/");
  await expect(roll(page)).toHaveAttribute("aria-valuetext", new RegExp(` ${notes.length} notes`));
}

/** Eighths that go up and down and get louder. */
export const climbing: Note[] = Array.from({ length: 32 }, (_, i) => [i * 240, 200, 60 + ((i * 7) % 24), 20 + i * 3]);

export async function set(page: Page, label: string, value: number): Promise<void> {
  await page.getByLabel(label, { exact: true }).fill(String(value));
}

export const isWritten = (page: Page) => expect(page.getByRole("button", { name: "MIDI", exact: true })).toBeEnabled({ timeout: 45_000 });

export async function write(page: Page, bars: number, seed: number): Promise<void> {
  await set(page, "Length", bars);
  await set(page, "Seed", seed);
  await page.getByRole("button", { name: "Generate" }).click();
  await isWritten(page);
  await page.getByRole("button", { name: "Pause" }).click();
}

export const notesShown = async (page: Page): Promise<number> =>
  Number(/(\d+) notes/.exec((await roll(page).getAttribute("aria-valuetext")) ?? "")?.[1]);

/** One bar, counted from 1. */
export async function choose(page: Page, bar: number): Promise<void> {
  await roll(page).focus();
  await page.keyboard.press("Home");
  for (let passed = 1; passed < bar; passed++) await page.keyboard.press("Control+ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await expect(page.getByText(`Bar ${bar}; the others are locked`)).toBeVisible();
}

export async function download(page: Page, format: string): Promise<string> {
  const button = page.getByRole("button", { name: format, exact: true });
  const [file] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return file.path();
}

export const isGeneration = (request: Request): boolean => request.method() === "POST" && request.url().endsWith("/v1/generations");

/** The page hears of so many bars, and of what follows only when it is let go on: no machine is too fast for the test. */
export async function holdBack(page: Page, bars: number): Promise<() => void> {
  const held: (() => void)[] = [];
  let isHeld = true;
  let isFull = false;
  await page.routeWebSocket(/\/events/, (browser) => {
    const server = browser.connectToServer();
    server.onMessage((message) => {
      if (isHeld && isFull) held.push(() => browser.send(message));
      else browser.send(message);
      isFull ||= ((JSON.parse(String(message)) as { bars?: number }).bars ?? 0) >= bars;
    });
  });
  return () => {
    isHeld = false;
    for (const tell of held) tell();
  };
}

/** The gateway knows that the job has ended. */
export async function hasEnded(page: Page, job: string): Promise<void> {
  const authorization = `Bearer ${await page.evaluate(() => localStorage.getItem("ostinato.key"))}`;
  const state = async () => ((await (await page.request.get(`/v1/jobs/${job}`, { headers: { authorization } })).json()) as { state: string }).state;
  await expect.poll(state, { timeout: 45_000 }).toBe("succeeded");
}
