// Fails the build when the first load of a page has more compressed JavaScript than it may.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const BUDGET = 250_000;

const pages = readdirSync("out", { recursive: true }).filter((file) => file.endsWith("index.html"));
const size = (file) => gzipSync(readFileSync(join("out", decodeURI(file)))).length;

for (const page of pages) {
  const html = readFileSync(join("out", page), "utf8");
  // Old browsers alone load what is marked noModule.
  const tags = [...html.matchAll(/<script[^>]*>/gi)].map(([tag]) => tag).filter((tag) => !/nomodule/i.test(tag));
  const files = new Set(tags.flatMap((tag) => /src="([^"]+)"/.exec(tag)?.[1] ?? []));
  const bytes = [...files].reduce((sum, file) => sum + size(file), 0);
  console.log(`${(bytes / 1000).toFixed(0).padStart(4)} kB  /${page}`);
  if (files.size === 0 || bytes > BUDGET) {
    console.error(`/${page} may load ${BUDGET / 1000} kB of compressed JavaScript at first: load the rest when it is needed.`);
    process.exitCode = 1;
  }
}
