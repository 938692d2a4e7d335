import { expect, it } from "vitest";

import { describe, metadataOf } from "@/lib/batch/metadata";
import { buildRequest, DEFAULT_SETTINGS } from "@/lib/studio/settings";

it("describes a batch of the studio", () => {
  const metadata = metadataOf(buildRequest({ ...DEFAULT_SETTINGS, instrument: 24 }, "mini"));
  expect(describe({ metadata })).toBe("model mini, bars 8, tempo 120, Nylon guitar");
});
