import type { Workload } from '../../cost/workload.ts';

/** The fields of a workload that somebody set; numbers that are none are left as they were written. */
export type Given = Readonly<Record<string, string | number | boolean>>;

/** What was written in a field: a number, or the text itself, which the check of the workload then refuses. */
export function readNumber(text: string): string | number {
  const plain = text.trim().replaceAll(',', '');
  const number = Number(plain);
  return plain === '' || Number.isNaN(number) ? text.trim() : number;
}

/** The part of an address behind `#`: `eventsPerSecond=50&shape=daily`. */
export function hashOf(given: Given): string {
  const pairs = Object.entries(given).map(([name, value]) => [name, String(value)]);
  return new URLSearchParams(pairs).toString();
}

/** What such a part sets. */
export function givenOf(hash: string): Given {
  const pairs = [...new URLSearchParams(hash.replace(/^#/, ''))];
  return Object.fromEntries(
    pairs.map(([name, text]) => {
      const flag = name === ('archive' satisfies keyof Workload) && /^(true|false)$/.test(text);
      return [name, flag ? text === 'true' : readNumber(text)];
    }),
  );
}
