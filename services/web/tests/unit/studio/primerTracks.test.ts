import { expect, it } from "vitest";

import { describeTracks } from "@/lib/studio/primerTracks";

const track = (name: string, is_drum = false) => ({ name, is_drum, program: 0, num_notes: 8 });

it("says which tracks are read and which are left out", () => {
  expect(describeTracks([track("Piano")])).toBe("");
  expect(describeTracks([track("Piano"), track(""), track("Kit", true)])).toBe("Read as one part: Piano, track 2. Left out (drums): Kit.");
  expect(describeTracks([track("Piano"), track("Kit", true)])).toBe("Read: Piano. Left out (drums): Kit.");
});
