// A folder or single MIDI files as the zip that the gateway takes; a zip goes as it is.
export async function zipOf(files: readonly File[]): Promise<Blob | null> {
  const [only] = files;
  if (files.length === 1 && only !== undefined && /\.zip$/i.test(only.name)) return only;
  const midi = files.filter(({ name }) => /\.midi?$/i.test(name));
  if (midi.length === 0) return null;
  const { zipSync } = await import("fflate");
  const entries = await Promise.all(
    midi.map(async (file, i) => [file.webkitRelativePath || `${i}-${file.name}`, new Uint8Array(await file.arrayBuffer())] as const),
  );
  return new Blob([zipSync(Object.fromEntries(entries))], { type: "application/zip" });
}

/** As the gateway takes names: small letters, digits, hyphens. */
export const nameFrom = (text: string): string =>
  text.toLowerCase().replace(/\.(zip|midi?)$/, "").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40) || "music";
