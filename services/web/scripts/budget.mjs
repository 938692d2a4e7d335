// Fails the build if the first load of a page has more compressed JavaScript than the budget.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const BUDGET_BYTES = 250_000;

const pages = readdirSync("out", { recursive: true }).filter((file) => file.endsWith("index.html"));
const compressedSize = (file) => gzipSync(readFileSync(join("out", decodeURI(file)))).length;

for (const page of pages) {
  const html = readFileSync(join("out", page), "utf8");
  // Only old browsers load scripts with the attribute noModule.
  const tags = [...html.matchAll(/<script[^>]*>/gi)].map(([tag]) => tag).filter((tag) => !/nomodule/i.test(tag));
  const files = new Set(tags.flatMap((tag) => /src="([^"]+)"/.exec(tag)?.[1] ?? []));
  const bytes = [...files].reduce((sum, file) => sum + compressedSize(file), 0);
  console.log(`${(bytes / 1000).toFixed(0).padStart(4)} kB  /${page}`);
  if (files.size === 0 || bytes > BUDGET_BYTES) {
    console.error(`/${page} loads more than ${BUDGET_BYTES / 1000} kB of compressed JavaScript: import the rest on demand.`);
    process.exitCode = 1;
  }
}
