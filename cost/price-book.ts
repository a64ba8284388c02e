import { MillraceError } from '../core/errors.ts';

/** The clouds that have prices. */
export type Cloud = 'aws' | 'azure';

/**
 * How sure a price is. A: two sources or more agree, one of them a dated reading of the vendor's price list for its
 * region. B: such a reading alone. C: texts of others, and readings of other regions. M: from memory.
 */
export type Confidence = 'A' | 'B' | 'C' | 'M';

/** Where AWS's price list has a price: an offer, and a type of usage in it, without the prefix of a region. */
export interface AwsPlace {
  readonly offer: string;
  readonly usagetype: string;
}

/** Where Azure's Retail Prices API has a price. */
export interface AzurePlace {
  readonly serviceName: string;
  readonly productName: string;
  readonly skuName: string;
  readonly meterName: string;
}

/** What one unit of one meter costs. */
export interface Price {
  /** Stands in meters: `aws.lambda.request`. */
  readonly id: string;
  readonly cloud: Cloud;
  readonly name: string;
  /** Dollars for one unit. */
  readonly price: number;
  readonly unit: string;
  readonly region: string;
  /** Units of a month that cost nothing; shared by all that an account runs. */
  readonly free?: number;
  /** When it was last read: a year, with month and day where they are known. */
  readonly date: string;
  readonly source: string;
  readonly confidence: Confidence;
  /** Where a refresh finds it; without it a refresh leaves it as it is. */
  readonly api?: AwsPlace | AzurePlace;
}

/** All prices. */
export interface PriceBook {
  /** The day of its newest reading of a price list. */
  readonly readOn: string;
  readonly prices: readonly Price[];
}

const confidences = ['A', 'B', 'C', 'M'];

/**
 * A price book from parsed JSON, checked.
 *
 * @throws MillraceError `definition` with all problems at once.
 */
export function priceBookOf(json: unknown): PriceBook {
  const { readOn, prices } = (json ?? {}) as { readOn?: unknown; prices?: unknown };
  const problems: string[] = [];
  if (!isDay(readOn)) problems.push(`readOn must be a day like 2026-11-22, not ${shown(readOn)}`);
  if (!Array.isArray(prices) || prices.length === 0) {
    problems.push('prices must be an array of prices');
  } else {
    for (const [index, price] of prices.entries()) problems.push(...problemsOf(price, index));
    const ids = prices.map((price) => (price as Price | null)?.id);
    const twice = ids.filter((id, index) => id !== undefined && ids.indexOf(id) !== index);
    problems.push(...twice.map((id) => `${id} is there twice`));
  }
  if (problems.length > 0) {
    const text = `the price book is wrong: ${problems.join('; ')}`;
    throw new MillraceError('definition', text, { problems });
  }
  return json as PriceBook;
}

function problemsOf(value: unknown, index: number): string[] {
  if (typeof value !== 'object' || value === null) return [`price ${index} is no object`];
  const price = value as Partial<Record<keyof Price, unknown>>;
  const name = typeof price.id === 'string' && price.id !== '' ? price.id : `price ${index}`;
  const problems: string[] = [];
  const need = (holds: boolean, what: string): void => {
    if (!holds) problems.push(`${name}: ${what}`);
  };
  need(name === price.id, 'id must be a text');
  need(price.cloud === 'aws' || price.cloud === 'azure', 'cloud must be aws or azure');
  for (const field of ['name', 'unit', 'region', 'source'] as const) {
    need(typeof price[field] === 'string' && price[field] !== '', `${field} must be a text`);
  }
  need(isAmount(price.price), `price must be a number of at least 0, not ${shown(price.price)}`);
  need(price.free === undefined || isAmount(price.free), 'free must be a number of at least 0');
  need(/^\d{4}(-\d\d(-\d\d)?)?$/.test(String(price.date)), 'date must be 2026, 2026-11 or a day');
  need(confidences.includes(String(price.confidence)), `confidence must be ${confidences}`);
  return problems;
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isDay(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value);
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
}

/**
 * Makes sure that a book has the prices of these ids.
 *
 * @throws MillraceError `definition` with all that are missing.
 */
export function needPrices({ prices }: PriceBook, ids: readonly string[]): void {
  const known = new Set(prices.map(({ id }) => id));
  const problems = ids.filter((id) => !known.has(id)).map((id) => `there is no ${id}`);
  if (problems.length > 0) {
    const text = `the price book is wrong: ${problems.join('; ')}`;
    throw new MillraceError('definition', text, { problems });
  }
}

/** The price of an id. @throws MillraceError `bug` where the book has none. */
export function priceOf(book: PriceBook, id: string): Price {
  const price = book.prices.find((one) => one.id === id);
  if (price === undefined) throw new MillraceError('bug', `the price book has no ${id}`);
  return price;
}
