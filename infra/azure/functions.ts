import { createHash } from 'node:crypto';

/** The functions of the template language that need nothing but their arguments, as Azure computes them. */
export const functions: Readonly<Record<string, (...args: never[]) => unknown>> = {
  concat: (...parts: (string | unknown[])[]) =>
    parts.every((part) => typeof part === 'string') ? parts.join('') : parts.flat(1),
  createArray: (...items: unknown[]) => items,
  createObject: (...pairs: unknown[]) =>
    Object.fromEntries(
      pairs.flatMap((name, i) => (i % 2 === 0 ? [[String(name), pairs[i + 1]]] : [])),
    ),
  empty: (value: string | object) =>
    typeof value === 'string' ? value === '' : Object.keys(value).length === 0,
  equals: (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b),
  false: () => false,
  format: (text: string, ...values: unknown[]) =>
    text.replace(/\{(\d+)\}/g, (_, i: string) => String(values[Number(i)])),
  greater: (a: number, b: number) => a > b,
  guid: (...seeds: string[]) => {
    const hash = digest(seeds);
    const parts = [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20)];
    return [...parts, hash.slice(20, 32)].join('-');
  },
  max: (...numbers: number[]) => Math.max(...numbers),
  not: (value: boolean) => !value,
  null: () => null,
  replace: (text: string, from: string, to: string) => text.replaceAll(from, to),
  string: (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)),
  take: (value: string, count: number) => value.slice(0, count),
  toLower: (text: string) => text.toLowerCase(),
  true: () => true,
  union: (...objects: object[]) => Object.assign({}, ...objects),
  uniqueString: (...seeds: string[]) =>
    // Azure's own hash is another one of the same form: 13 letters and digits.
    BigInt(`0x${digest(seeds)}`)
      .toString(36)
      .slice(0, 13),
};

function digest(seeds: readonly string[]): string {
  return createHash('sha256').update(seeds.join('\0')).digest('hex');
}
