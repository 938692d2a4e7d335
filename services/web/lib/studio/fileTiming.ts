// The tempos and the first bar of a MIDI file, which the gateway reports for a melody, but not for a primer.
import type { TempoMark } from "@/lib/api/types";
import { TICKS_PER_BAR, TICKS_PER_QUARTER } from "@/lib/music/time";

import type { PrimerFile } from "./primerTracks";

type Timing = Pick<PrimerFile, "tempos" | "rest">;

/** Reads a MIDI file; the timing of another kind of file stays unknown. */
export async function readTiming(file: Blob): Promise<Timing> {
  try {
    const [{ BasicMIDI, MIDIMessageTypes }, bytes] = await Promise.all([import("spessasynth_core"), file.arrayBuffer()]);
    const { tempoChanges, timeDivision, tracks } = BasicMIDI.fromArrayBuffer(bytes);
    const toTicks = (fileTicks: number) => Math.round((fileTicks * TICKS_PER_QUARTER) / timeDivision);
    const tempos = new Map(tempoChanges.toReversed().map(({ ticks, tempo }) => [toTicks(ticks), Math.round(tempo * 1000) / 1000]));
    const signatures = tracks
      .flatMap(({ events }) => events.filter(({ statusByte }) => statusByte === MIDIMessageTypes.timeSignature))
      .map(({ ticks, data: [numerator = 4, exponent = 2] }) => ({ tick: toTicks(ticks), numerator, denominator: 2 ** exponent }));
    return { tempos: [...tempos].sort(([a], [b]) => a - b) satisfies TempoMark[], rest: restBefore(signatures) };
  } catch {
    return { tempos: [], rest: 0 };
  }
}

interface TimeSignature {
  tick: number;
  numerator: number;
  denominator: number;
}

/** The ticks that the first bar is too short; a change of the time signature ends it. */
function restBefore(signatures: readonly TimeSignature[]): number {
  const first = signatures.findLast(({ tick }) => tick === 0) ?? { numerator: 4, denominator: 4 };
  const changes = signatures.filter(({ tick, numerator, denominator }) => tick > 0 && (numerator !== first.numerator || denominator !== first.denominator));
  const length = (TICKS_PER_BAR * first.numerator) / first.denominator;
  return Math.max(0, TICKS_PER_BAR - Math.min(length, ...changes.map(({ tick }) => tick)));
}
