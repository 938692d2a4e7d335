import { describe, expect, it } from "vitest";

import { mayPromote, mayPublish } from "@/lib/api/permissions";

describe("permissions", () => {
  it("lets only admins promote what everybody uses, and owners what is theirs", () => {
    expect(mayPromote({ owner: null }, ["generate", "train"])).toBe(false);
    expect(mayPromote({ owner: "ann" }, ["generate", "train"])).toBe(true);
    expect(mayPromote({ owner: "ann" }, ["generate"])).toBe(false);
    expect(mayPromote({ owner: null }, ["admin"])).toBe(true);
  });

  it("lets only admins publish a version, once", () => {
    expect(mayPublish({ owner: "ann" }, ["train"])).toBe(false);
    expect(mayPublish({ owner: "ann" }, ["admin"])).toBe(true);
    expect(mayPublish({ owner: null }, ["admin"])).toBe(false);
  });

  it("permits nothing until the scopes are known", () => {
    expect([mayPromote({ owner: "ann" }, undefined), mayPublish({ owner: "ann" }, undefined)]).toEqual([false, false]);
  });
});
