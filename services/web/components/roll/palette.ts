// The colors of the piano roll; a canvas cannot use style sheets.
export interface Palette {
  background: string;
  outside: string;
  lane: string;
  beat: string;
  bar: string;
  text: string;
  key: string;
  blackKey: string;
  /** Returns the color of a note; loud notes have more contrast. */
  note: (velocity: number) => string;
  /** Notes of other tracks. */
  otherTrack: string;
  edge: string;
  playhead: string;
  selection: string;
  /** Overlay on the bars outside the selection. */
  locked: string;
  /** Background of bars that have not been generated. */
  pending: string;
}

const DARK: Palette = {
  background: "#14171d",
  outside: "#101217",
  lane: "#1a1e26",
  beat: "#1f242d",
  bar: "#363d4a",
  text: "#a5abb8",
  key: "#d8d5cd",
  blackKey: "#2b303a",
  note: (velocity) => `hsl(30 100% ${38 + (velocity / 127) * 34}%)`,
  otherTrack: "#3b4352",
  edge: "#14171d",
  playhead: "#ffffff",
  selection: "rgb(255 176 102 / 0.14)",
  locked: "rgb(16 18 23 / 0.62)",
  pending: "rgb(255 255 255 / 0.035)",
};

const LIGHT: Palette = {
  background: "#fffdf9",
  outside: "#f6f4ef",
  lane: "#f8f4ec",
  beat: "#efeae0",
  bar: "#cdc4b4",
  text: "#625b50",
  key: "#fffdf9",
  blackKey: "#5d574d",
  note: (velocity) => `hsl(19 82% ${64 - (velocity / 127) * 32}%)`,
  otherTrack: "#d9d0c1",
  edge: "#fffdf9",
  playhead: "#1d1a16",
  selection: "rgb(154 63 16 / 0.12)",
  locked: "rgb(246 244 239 / 0.68)",
  pending: "rgb(29 26 22 / 0.04)",
};

export const paletteOf = (isDark: boolean): Palette => (isDark ? DARK : LIGHT);
