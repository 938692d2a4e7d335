import { expect, it } from "vitest";

import { describe, metadataOf, programOf } from "@/lib/batch/metadata";
import { buildRequest, DEFAULT_SETTINGS } from "@/lib/studio/settings";

it("finds the program of a batch of the studio again", () => {
  const metadata = metadataOf(buildRequest({ ...DEFAULT_SETTINGS, instrument: 24 }, "mini"));
  expect(programOf({ metadata })).toBe(24);
  expect(describe({ metadata })).toBe("model mini, bars 8, tempo 120, Nylon guitar");
});

it.each([{}, { instrument: "lute" }, { instrument: "128" }, { instrument: "-1" }])("plays %j with the piano", (metadata: Record<string, string>) => {
  expect(programOf({ metadata })).toBe(0);
});
