// Packs the chosen files into a zip, which the gateway accepts as a data set.

/** Packs MIDI files into a zip; returns a single zip unchanged, and null if there is no MIDI file. */
export async function toZip(files: readonly File[]): Promise<Blob | null> {
  const [first] = files;
  if (files.length === 1 && first !== undefined && /\.zip$/i.test(first.name)) return first;
  const midiFiles = files.filter(({ name }) => /\.(midi?|kar|rmi|musicxml|mxl|abc)$/i.test(name));
  if (midiFiles.length === 0) return null;
  const { zipSync } = await import("fflate");
  const entries = await Promise.all(
    midiFiles.map(async (file, i) => [file.webkitRelativePath || `${i}-${file.name}`, new Uint8Array(await file.arrayBuffer())] as const),
  );
  return new Blob([zipSync(Object.fromEntries(entries))], { type: "application/zip" });
}

/** Derives a valid data set name (lower-case letters, digits, hyphens) from the name of a file or folder. */
export const datasetName = (fileName: string): string =>
  fileName.toLowerCase().replace(/\.(zip|midi?|kar|rmi|musicxml|mxl|abc)$/, "").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40) || "music";
