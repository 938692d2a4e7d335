// Numbers and names of a model card as text.
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

type Optional<T> = T | null | undefined;

/** Formats `33800000` as `33.8M`. */
export const formatCompact = (value: Optional<number>): string => (value == null ? "unknown" : COMPACT.format(value));

export function formatDuration(seconds: Optional<number>): string {
  if (seconds == null) return "unknown time";
  return seconds < 5400 ? `${Math.round(seconds / 60)} minutes` : `${(seconds / 3600).toFixed(1)} hours`;
}

/** Formats `pitch_class_entropy_bits` as `Pitch class entropy bits`. */
export function humanize(identifier: string): string {
  const words = identifier.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Formats a value; null if there is no value. */
export const formatOptional = <T>(value: Optional<T>, format: (value: T) => string): string | null =>
  value == null ? null : format(value);
