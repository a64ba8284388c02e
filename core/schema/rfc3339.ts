import { Format } from 'typebox/format';

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Days before the month in a year that starts with March. */
const marchDays = [306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275];

/** Two digits as a number; 10,000 if they are none. */
function pair(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 10_000;
}

/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar (Hinnant, days_from_civil). */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const leaps = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return y * 365 + leaps + (marchDays[month - 1] ?? 0) + day - 719_469;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Milliseconds of the offset that starts at `at` and ends the text, or NaN. */
function offset(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if (sign === 90 || sign === 122) return text.length === at + 1 ? 0 : Number.NaN;
  if ((sign !== 43 && sign !== 45) || text.length !== at + 6 || text[at + 3] !== ':') {
    return Number.NaN;
  }
  const hours = pair(text, at + 1);
  const minutes = pair(text, at + 4);
  if (hours > 23 || minutes > 59) return Number.NaN;
  return (sign === 45 ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/**
 * Epoch milliseconds of an RFC 3339 date-time with its offset; NaN if the text is none. Digits after the
 * millisecond are cut off. A leap second (`:60`) counts as the last millisecond of its minute.
 */
export function parseRfc3339(text: string): number {
  const year = pair(text, 0) * 100 + pair(text, 2);
  const month = pair(text, 5);
  const day = pair(text, 8);
  const hour = pair(text, 11);
  const minute = pair(text, 14);
  const second = pair(text, 17);
  const t = text.charCodeAt(10);
  if (year > 9999 || hour > 23 || minute > 59 || second > 60) return Number.NaN;
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return Number.NaN;
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return Number.NaN;
  if (t !== 84 && t !== 116 && t !== 32) return Number.NaN;
  const days = month === 2 && isLeap(year) ? 29 : (monthDays[month - 1] ?? 0);
  if (day < 1 || day > days) return Number.NaN;
  let at = 19;
  let ms = 0;
  if (text.charCodeAt(at) === 46) {
    let weight = 100;
    for (at += 1; ; at += 1) {
      const digit = text.charCodeAt(at) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      ms += digit * weight;
      weight = weight === 100 ? 10 : weight === 10 ? 1 : 0;
    }
    if (at === 20) return Number.NaN;
  }
  const minutes = (daysFromCivil(year, month, day) * 24 + hour) * 60 + minute;
  const inMinute = second === 60 ? 59_999 : second * 1000 + ms;
  return minutes * 60_000 + inMinute - offset(text, at);
}

/** RFC 3339 in UTC with milliseconds, for instants of the years 0 to 9999. */
export function formatRfc3339(ms: number): string {
  return new Date(ms).toISOString();
}

/** Makes the schema keyword `format: 'date-time'` mean exactly what {@link parseRfc3339} reads. */
export function installDateTime(): void {
  Format.Set('date-time', (text) => !Number.isNaN(parseRfc3339(text)));
}
