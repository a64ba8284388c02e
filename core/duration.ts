/** A length of time: `500ms`, `10s`, `5m`, `36h`, `7d`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const units: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 };

/** A length in milliseconds as a duration, in the longest unit of which it is a whole number. */
export function durationText(ms: number): string {
  const unit = Object.keys(units).findLast((name) => ms % (units[name] as number) === 0);
  return `${ms / (units[unit ?? 'ms'] as number)}${unit ?? 'ms'}`;
}

/** Milliseconds of a duration, or null if the text is none (or not a whole number of milliseconds, or over 100 years). */
export function parseDuration(text: unknown): number | null {
  const match =
    typeof text === 'string' ? /^(\d{1,15}(?:\.\d{1,6})?)(ms|[smhd])$/.exec(text) : null;
  const ms = match === null ? Number.NaN : Number(match[1]) * (units[match[2] ?? ''] ?? Number.NaN);
  return Number.isSafeInteger(ms) && ms <= 3_155_760_000_000 ? ms : null;
}
