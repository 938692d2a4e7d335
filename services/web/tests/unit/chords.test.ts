import { readFile } from "node:fs/promises";

import { expect, it } from "vitest";

import { after, isChord, readProgression } from "@/lib/music/chord";
import { linkOf, requestOf, USUAL, withLink } from "@/lib/studio/settings";

const wish = (text: string) => ({ ...USUAL, model: "v8", seed: 7, chords: { text, strictness: 0.75 } });

it("knows the chords that the gateway knows", async () => {
  const document = JSON.parse(await readFile("../../docs/openapi.json", "utf8")) as {
    components: { schemas: { Chords: { properties: { progression: { items: { pattern: string } } } } } };
  };
  const { pattern } = document.components.schemas.Chords.properties.progression.items;
  const [, qualities = ""] = /\(\?:(.*)\)\?\$/.exec(pattern) ?? [];
  const names = ["", ...qualities.split("|")].map((quality) => `Bb${quality}`);
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => !isChord(name))).toEqual([]);
  const others = ["H7", "c", "Am7 ", "Cmajor", "G##", ""];
  expect(others.filter((name) => isChord(name) || new RegExp(pattern).test(name))).toEqual([]);
});

it("reads a progression as musicians write it", () => {
  expect(readProgression(" Am7 | D♭, F♯dim\nG7 ")).toEqual(["Am7", "Db", "F#dim", "G7"]);
  expect(readProgression("  ")).toEqual([]);
});

it("gives each bar of the piece its chord, wherever writing begins", () => {
  expect(after(0, ["C", "F", "G"])).toEqual(["C", "F", "G"]);
  expect(after(5, ["C", "F", "G"])).toEqual(["G", "C", "F"]);
  expect(requestOf(wish("C F G"), "v8", 4).chords).toEqual({ progression: ["F", "G", "C"], strictness: 0.75 });
  expect(requestOf(wish(""), "v8", 4).chords).toBeNull();
});

it("is in the link", () => {
  expect(withLink(USUAL, linkOf(requestOf(wish("Am7 D7"), "v8")) ?? "")).toEqual(wish("Am7 D7"));
});
