import { describe, expect, it } from "vitest";

import { type ModelVersion, promotedModels } from "@/lib/api/types";

const model = (version: string, promoted_at: string | null, is_default = false) => ({ version, promoted_at, is_default }) as ModelVersion;

describe("promotedModels", () => {
  it("starts with the default, not with the last promoted version, and leaves out what is not promoted", () => {
    const models = [model("fresh", "2026-02-02T00:00:00Z"), model("mini", "2026-01-01T00:00:00Z", true), model("new", null), model("v8", "2026-01-01T00:00:00Z")];
    expect(promotedModels(models).map(({ version }) => version)).toEqual(["mini", "fresh", "v8"]);
  });
});
