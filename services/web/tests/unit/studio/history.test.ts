import { expect, it } from "vitest";

import { regularBars } from "@/lib/music/bars";
import type { Clip } from "@/lib/music/clip";
import { EMPTY_HISTORY, pushEdit, redo, undo } from "@/lib/studio/history";

const clip = (pitch: number): Clip => ({ notes: [[0, 480, pitch, 90]], bars: regularBars(1), tempo: 120, instrument: 0 });

it("undoes and redoes an edit", () => {
  const [before, after] = [clip(60), clip(61)];
  const edited = pushEdit(EMPTY_HISTORY, before, after);
  expect(undo(edited).present).toBe(before);
  expect(redo(undo(edited), before).present).toBe(after);
});

it("undoes nothing without edits", () => expect(undo(EMPTY_HISTORY)).toBe(EMPTY_HISTORY));
