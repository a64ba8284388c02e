import { MillraceError } from '../../core/errors.ts';
import { parseRfc3339 } from '../../core/schema/rfc3339.ts';
import { chunkRows, type InputRow } from './input-row.ts';
import { packBytes } from './packed-bytes.ts';

/** The most that rows may take as JSON to be sorted, bytes: they are held in memory, outside the JavaScript heap. */
export const sortBytesMax: number = 1_073_741_824;

/** What the rows are sorted by, by the order in which they were read. */
interface Keys {
  readonly ranks: number[];
  readonly numbers: number[];
  readonly texts: string[];
}

/** Numbers stand before instants, instants before other text, and what is neither comes last. */
const [numberRank, instantRank, textRank, noRank] = [0, 1, 2, 3];

/**
 * All rows sorted by a field: numbers first, then RFC 3339 texts as instants, then other text by code unit, then the
 * rows where it is missing or something else, and raw rows. Ties keep the order of the file.
 *
 * @param bytesMax the most that the rows may take; `sortBytesMax` by default.
 * @throws MillraceError `request` when they take more, or no row has the field.
 */
export async function* sortRows(
  chunks: AsyncIterable<readonly InputRow[]>,
  field: string,
  name: string,
  bytesMax: number = sortBytesMax,
): AsyncGenerator<InputRow[]> {
  const keys: Keys = { ranks: [], numbers: [], texts: [] };
  const rows: number[] = [];
  const raws = new Map<number, Uint8Array>();
  const packed = packBytes();
  let example: Record<string, unknown> | null = null;
  for await (const chunk of chunks) {
    for (const { row, value, raw } of chunk) {
      if (raw !== undefined) raws.set(rows.length, raw);
      const json = value === undefined ? '' : JSON.stringify(value);
      packed.add(json);
      rows.push(row);
      addKey(keys, value?.[field]);
      example ??= value ?? null;
    }
    if (packed.bytes > bytesMax) throw tooMuch(name, bytesMax);
  }
  if (example !== null && keys.ranks.every((rank) => rank === noRank)) {
    throw noField(name, field, example);
  }
  const order = orderOf(keys);
  for (let from = 0; from < order.length; from += chunkRows) {
    const indexes = Array.from(order.subarray(from, from + chunkRows));
    yield indexes.map((index): InputRow => {
      const [row, raw] = [rows[index]!, raws.get(index)];
      return raw === undefined ? { row, value: JSON.parse(packed.text(index)) } : { row, raw };
    });
  }
}

function addKey({ ranks, numbers, texts }: Keys, value: unknown): void {
  const instant = typeof value === 'string' ? parseRfc3339(value) : Number.NaN;
  const isInstant = !Number.isNaN(instant);
  const isText = typeof value === 'string' && !isInstant;
  const isNumber = typeof value === 'number';
  ranks.push(isNumber ? numberRank : isInstant ? instantRank : isText ? textRank : noRank);
  numbers.push(isNumber ? value : isInstant ? instant : 0);
  texts.push(isText ? value : '');
}

function orderOf({ ranks, numbers, texts }: Keys): Uint32Array {
  const order = new Uint32Array(ranks.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  return order.sort(
    (a, b) =>
      ranks[a]! - ranks[b]! ||
      compare(numbers[a]!, numbers[b]!) ||
      compare(texts[a]!, texts[b]!) ||
      a - b,
  );
}

function compare<T extends number | string>(one: T, other: T): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function tooMuch(name: string, bytesMax: number): MillraceError {
  const message = `${name} is too large to be sorted: its rows take over ${bytesMax} bytes; sort the file itself`;
  return new MillraceError('request', message);
}

function noField(name: string, field: string, example: object): MillraceError {
  const fields = Object.keys(example).join(', ');
  const message = `--sort: no row of ${name} has a number or text "${field}"; the first has ${fields}`;
  return new MillraceError('request', message);
}
