import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MillraceError } from '../../core/errors.ts';
import { needPrices, type PriceBook, priceBookOf } from '../../cost/price-book.ts';
import { ageDays, type Finding, refreshed } from '../../cost/refresh.ts';
import { print } from '../output.ts';
import { table } from '../table.ts';
import { findPrices, type PriceApis } from './price-apis.ts';

/** The price book that is shipped. */
export const shippedPrices: string = fileURLToPath(
  new URL('../../cost/prices.json', import.meta.url),
);

/**
 * The price book in a file, checked: it has every price that the shipped one has, since every meter has one there.
 *
 * @throws MillraceError `request` when there is none, `definition` when it is wrong, with all problems at once.
 */
export function readPrices(path: string): PriceBook {
  const book = priceBookOf(readJson(path));
  if (path === shippedPrices) return book;
  const { prices } = priceBookOf(readJson(shippedPrices));
  needPrices(
    book,
    prices.map(({ id }) => id),
  );
  return book;
}

/** The JSON in a file. @throws MillraceError `request` when there is no file, or no JSON in it. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MillraceError('request', `can't read ${path}: ${reason}`, { cause });
  }
}

/**
 * Brings a price book up to date: shows what changes, then writes it, unless it is only to be shown.
 *
 * @throws MillraceError `unavailable` when a price list does not answer, or none of the prices is found.
 */
export async function refreshPrices(
  path: string,
  apis: PriceApis,
  isDry: boolean,
): Promise<number> {
  const book = readPrices(path);
  const day = new Date().toISOString().slice(0, 10);
  const age = ageDays(book, day);
  const old = `the price book is of ${book.readOn}, ${age} ${age === 1 ? 'day' : 'days'} old`;
  const found = await findPrices(book, apis, day).catch((cause) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const text = `${reason}; ${old}, and stays as it is`;
    throw new MillraceError('unavailable', text, { cause });
  });
  const { book: news, findings } = refreshed(book, found, day);
  if (findings.every((one) => one.found.length === 0)) {
    const text = `the price lists have none of the ${findings.length} prices under their names`;
    throw new MillraceError('unavailable', `${text}; ${old}, and stays as it is`);
  }
  await print(`${old}\n\n${findingsText(findings)}`);
  if (isDry) return 0;
  writeFileSync(path, bookText(news));
  await print(`\n${path}: written`);
  return 0;
}

/** One price a line, so that a change of one is a change of one line. */
export function bookText({ readOn, prices }: PriceBook): string {
  const lines = prices.map((price) => `    ${JSON.stringify(price)}`).join(',\n');
  return `{\n  "readOn": ${JSON.stringify(readOn)},\n  "prices": [\n${lines}\n  ]\n}\n`;
}

function findingsText(findings: readonly Finding[]): string {
  const shown = findings.filter(({ result }) => result !== 'same');
  const same = findings.length - shown.length;
  if (shown.length === 0) return `all ${same} prices are as they were`;
  const columns = [
    { head: 'price', cells: shown.map(({ id }) => id) },
    { head: 'result', cells: shown.map(({ result }) => result) },
    { head: 'before', cells: shown.map(({ before }) => String(before)), right: true },
    { head: 'found', cells: shown.map(({ found }) => found.join(', ') || '-'), right: true },
  ];
  return `${table(columns)}\n\n${same} prices are as they were`;
}
