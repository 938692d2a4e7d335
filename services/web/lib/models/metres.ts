// The time signatures that a model version knows.
import type { Metre, ModelVersion } from "@/lib/api/types";
import { type Bars, metresOf } from "@/lib/music/bars";

type Version = Pick<ModelVersion, "capabilities">;

/** The time signatures that a version knows; the gateway leaves out 4/4 alone. */
export const knownMetres = ({ capabilities }: Version): readonly Metre[] => capabilities.time_signatures ?? ["4/4"];

/** The time signatures of these bars that a version does not know. */
export const unknownMetres = (version: Version, bars: Bars): string[] => metresOf(bars).filter((metre) => !knownMetres(version).some((known) => known === metre));
