// Packs chosen files into the zip that the gateway accepts as a data set.

/** A single zip is returned as it is; null if there is no MIDI file. */
export async function toZip(files: readonly File[]): Promise<Blob | null> {
  const [first] = files;
  if (files.length === 1 && first !== undefined && /\.zip$/i.test(first.name)) return first;
  const midiFiles = files.filter(({ name }) => /\.midi?$/i.test(name));
  if (midiFiles.length === 0) return null;
  const { zipSync } = await import("fflate");
  const entries = await Promise.all(
    midiFiles.map(async (file, i) => [file.webkitRelativePath || `${i}-${file.name}`, new Uint8Array(await file.arrayBuffer())] as const),
  );
  return new Blob([zipSync(Object.fromEntries(entries))], { type: "application/zip" });
}

/** A valid data set name from a file or folder name: lower-case letters, digits and hyphens. */
export const datasetName = (fileName: string): string =>
  fileName.toLowerCase().replace(/\.(zip|midi?)$/, "").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40) || "music";
