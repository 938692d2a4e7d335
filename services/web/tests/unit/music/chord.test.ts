import { readFile } from "node:fs/promises";

import { expect, it } from "vitest";

import { isChord, parseProgression, rotateProgression } from "@/lib/music/chord";
import { CHORD_QUALITIES } from "@/lib/music/chordQualities";

it("accepts the chords that the gateway accepts", async () => {
  const document = JSON.parse(await readFile("../../docs/openapi.json", "utf8")) as {
    components: { schemas: { Chords: { properties: { progression: { items: { pattern: string } } } } } };
  };
  const { pattern } = document.components.schemas.Chords.properties.progression.items;
  const [, qualities = ""] = /\(\?:(.*?)\)\?\(\?:\//.exec(pattern) ?? [];
  const names = ["", ...qualities.replaceAll("\\", "").split("|")].map((quality) => `Bb${quality}`);
  expect(names.length).toBeGreaterThan(200);
  expect(names.filter((name) => !isChord(name))).toEqual([]);
  expect(new Set(names)).toEqual(new Set(["Bb", ...CHORD_QUALITIES.map((quality) => `Bb${quality}`)]));
  expect(["c", "am7/G", "F#-7/bb"].filter((name) => !isChord(name))).toEqual([]);
  const invalid = ["H7", "Am7 ", "Cmajor", "G##", "C/", "C/H", ""];
  expect(invalid.filter((name) => isChord(name) || new RegExp(pattern).test(name))).toEqual([]);
});

it("parses a progression with spaces, commas, bar lines and accidentals", () => {
  expect(parseProgression(" Am7 | D♭, F♯dim\nG7 ")).toEqual(["Am7", "Db", "F#dim", "G7"]);
  expect(parseProgression("  ")).toEqual([]);
});

it("rotates a progression by a number of bars", () => {
  expect(rotateProgression(0, ["C", "F", "G"])).toEqual(["C", "F", "G"]);
  expect(rotateProgression(5, ["C", "F", "G"])).toEqual(["G", "C", "F"]);
});
