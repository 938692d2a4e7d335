import { expect, it } from "vitest";

import { INSTRUMENTS } from "@/lib/music/instruments";

it("lists the programs of General MIDI in order", () => {
  expect(INSTRUMENTS).toHaveLength(128);
  expect([INSTRUMENTS[0], INSTRUMENTS[40], INSTRUMENTS[73]]).toEqual(["Grand piano", "Violin", "Flute"]);
});
