// The page /docs, which describes the API.
import { expect, test } from "@playwright/test";

const KEY = process.env.OSTINATO_API_KEY ?? "";

test("describes the API and sends requests, and loads nothing from other hosts", async ({ page, baseURL }) => {
  const foreign: string[] = [];
  const errors: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(`${baseURL ?? ""}/`) && !request.url().startsWith("data:")) foreign.push(request.url());
  });
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.goto("/docs");
  await expect(page.getByText("ticks of 1/480 quarter note")).toBeVisible();
  await page.getByRole("button", { name: "Authorize" }).click();
  const dialog = page.locator(".modal-ux");
  await dialog.getByRole("textbox").fill(KEY);
  await dialog.getByRole("button", { name: "Apply credentials" }).click();
  await dialog.getByRole("button", { name: "Close" }).last().click();
  const operation = page.locator("#operations-models-list_models_v1_models_get");
  await operation.getByRole("button", { name: /^get/i }).first().click();
  await operation.getByRole("button", { name: "Try it out" }).click();
  await operation.getByRole("button", { name: "Execute" }).click();
  await expect(operation.locator(".live-responses-table tbody .response-col_status").first()).toContainText("200");
  expect(foreign).toEqual([]);
  expect(errors).toEqual([]);
});
