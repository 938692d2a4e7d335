// Actions and queries on the Studio page.
import { expect, type Page, type Request } from "@playwright/test";

export type Note = [number, number, number, number];

export const pianoRoll = (page: Page) => page.getByRole("slider", { name: "Piano roll" });

/** Opens the Studio page with a clip, so that no generation is needed. */
export async function openStudioWith(page: Page, notes: Note[], bars: number, file?: object): Promise<void> {
  const clip = { notes, bars, tempo: 120, instrument: 0, file };
  const history = { past: [], present: clip, future: [] };
  await page.addInitScript((session) => localStorage.setItem("ostinato.studio", session), JSON.stringify({ generation: null, history }));
  await page.goto("/");
  await expect(pianoRoll(page)).toHaveAttribute("aria-valuetext", new RegExp(` ${notes.length} notes`));
}

/** Four bars of eighths with growing velocity. */
export const EIGHTHS: Note[] = Array.from({ length: 32 }, (_, i) => [i * 240, 200, 60 + ((i * 7) % 24), 20 + i * 3]);

export async function setField(page: Page, label: string, value: number): Promise<void> {
  await page.getByLabel(label, { exact: true }).fill(String(value));
}

/** Waits for the complete melody, which enables the download buttons. */
export const expectComplete = (page: Page) => expect(page.getByRole("button", { name: "MIDI", exact: true })).toBeEnabled({ timeout: 45_000 });

export async function generate(page: Page, bars: number, seed: number): Promise<void> {
  await setField(page, "Length", bars);
  await setField(page, "Seed", seed);
  await page.getByRole("button", { name: "Generate" }).click();
  await expectComplete(page);
  await page.getByRole("button", { name: "Pause" }).click();
}

export const numNotesShown = async (page: Page): Promise<number> =>
  Number(/(\d+) notes/.exec((await pianoRoll(page).getAttribute("aria-valuetext")) ?? "")?.[1]);

/** Selects a bar, counted from 1. */
export async function selectBar(page: Page, bar: number): Promise<void> {
  await pianoRoll(page).focus();
  await page.keyboard.press("Home");
  for (let current = 1; current < bar; current++) await page.keyboard.press("Control+ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await expect(page.getByText(`Bar ${bar}; the others are locked`)).toBeVisible();
}

/** Clicks a download button and returns the path of the file. */
export async function download(page: Page, format: string): Promise<string> {
  const button = page.getByRole("button", { name: format, exact: true });
  const [file] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return file.path();
}

export const isGenerationRequest = (request: Request): boolean => request.method() === "POST" && request.url().endsWith("/v1/generations");

export const CASES = "../../tests/cases";

/** Opens the Studio page and uploads one of the test files. */
export async function openFile(page: Page, name: string): Promise<void> {
  await page.goto("/");
  await page.getByLabel("MIDI file to continue", { exact: true }).setInputFiles(`${CASES}/${name}`);
  await expect(page.getByText(`Continues ${name}`)).toBeVisible();
}

export interface FileRequest {
  primer_id: string;
  track: number;
  tempo?: number;
  time_signature?: string;
  bars: number;
  regenerate?: number[];
}

/** Starts a generation and returns its request. */
export async function start(page: Page, button = "Generate"): Promise<FileRequest> {
  const [request] = await Promise.all([page.waitForRequest(isGenerationRequest), page.getByRole("button", { name: button, exact: true }).click()]);
  return request.postDataJSON() as FileRequest;
}

export const isBatchRequest = (request: Request): boolean => request.method() === "POST" && request.url().endsWith("/v1/batches");

/** Delays all events after the first `bars` bars, until the returned function is called. */
export async function delayEvents(page: Page, bars: number): Promise<() => void> {
  const delayed: (() => void)[] = [];
  let isDelaying = true;
  let hasBars = false;
  await page.routeWebSocket(/\/events/, (browser) => {
    const server = browser.connectToServer();
    server.onMessage((message) => {
      if (isDelaying && hasBars) delayed.push(() => browser.send(message));
      else browser.send(message);
      hasBars ||= ((JSON.parse(String(message)) as { bars?: number }).bars ?? 0) >= bars;
    });
  });
  return () => {
    isDelaying = false;
    for (const send of delayed) send();
  };
}

/** Waits until the gateway reports that the job has succeeded. */
export async function waitForJob(page: Page, jobId: string): Promise<void> {
  const authorization = `Bearer ${await page.evaluate(() => localStorage.getItem("ostinato.key"))}`;
  const state = async () => ((await (await page.request.get(`/v1/jobs/${jobId}`, { headers: { authorization } })).json()) as { state: string }).state;
  await expect.poll(state, { timeout: 45_000 }).toBe("succeeded");
}

/** Returns a function that measures the peak of the page's recent audio output. */
export async function measureLoudness(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const connect = Reflect.get(AudioNode.prototype, "connect") as (to: AudioNode) => AudioNode;
    Reflect.set(AudioNode.prototype, "connect", function (this: AudioNode, to: AudioNode, ...rest: []) {
      if (to instanceof AudioDestinationNode && to.context instanceof AudioContext) {
        const analyser = new AnalyserNode(to.context, { fftSize: 32_768 });
        Object.assign(window, { analyser });
        connect.call(this, analyser);
      }
      return connect.call(this, to, ...rest);
    });
  });
  return () =>
    page.evaluate(() => {
      const { analyser } = window as unknown as { analyser: AnalyserNode };
      const samples = new Float32Array(analyser.fftSize);
      analyser.getFloatTimeDomainData(samples);
      return Math.max(...samples.map(Math.abs));
    });
}
