import type { AwsPlace, AzurePlace, Price, PriceBook } from './price-book.ts';

/**
 * A price list file of AWS, as far as it is read
 * (AWS Billing, Reading the service price list file for an AWS service).
 */
export interface AwsOffer {
  readonly publicationDate: string;
  readonly products: Readonly<
    Record<string, { readonly attributes: Readonly<Record<string, string>> }>
  >;
  readonly terms: {
    readonly OnDemand?: Readonly<Record<string, Readonly<Record<string, AwsTerm>>>>;
  };
}

interface AwsTerm {
  readonly priceDimensions: Readonly<
    Record<
      string,
      { readonly beginRange: string; readonly pricePerUnit: Readonly<Record<string, string>> }
    >
  >;
}

/**
 * An item of Azure's Retail Prices API, as far as it is read
 * (https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices).
 */
export interface AzureItem extends AzurePlace {
  readonly retailPrice: number;
  readonly tierMinimumUnits: number;
  readonly unitOfMeasure: string;
  readonly armRegionName: string;
  readonly type: string;
}

/** What was found for a price: dollars by unit, and where. */
export interface Found {
  readonly prices: readonly number[];
  readonly source: string;
}

/** What a refresh makes of one price. */
export interface Finding {
  readonly id: string;
  /** `doubtful`: found, but not taken, since it moved more than tenfold or there are several. */
  readonly result: 'same' | 'changed' | 'missing' | 'doubtful' | 'by hand';
  readonly before: number;
  readonly found: readonly number[];
}

/** A book after a refresh, and what became of each of its prices. */
export interface Refreshed {
  readonly book: PriceBook;
  readonly findings: readonly Finding[];
}

/** Whether a price is found in AWS's list. */
export function isAwsPlace(place: Price['api']): place is AwsPlace {
  return place !== undefined && 'offer' in place;
}

/** The offers and regions of AWS that a book is refreshed from. */
export function awsOffers(book: PriceBook): { readonly offer: string; readonly region: string }[] {
  const all = book.prices.flatMap(({ api, region }) =>
    isAwsPlace(api) ? [`${api.offer} ${region}`] : [],
  );
  return [...new Set(all)].map((one) => {
    const [offer = '', region = ''] = one.split(' ');
    return { offer, region };
  });
}

/** What an offer of AWS says of a place: the first price above zero of each product, since free tiers stand below. */
export function inAwsOffer(offer: AwsOffer, { usagetype, offer: name }: AwsPlace): Found {
  // A region stands before a type of usage: `USE1-`, or `us-east-1-` for keys.
  const wanted = new RegExp(`^(?:[A-Z]{2,4}\\d-|[a-z]{2}-[a-z]+-\\d-)?${escaped(usagetype)}$`);
  const skus = Object.entries(offer.products)
    .filter(([, { attributes }]) => wanted.test(attributes['usagetype'] ?? ''))
    .map(([sku]) => sku);
  const prices = skus.flatMap((sku) => {
    const terms = Object.values(offer.terms.OnDemand?.[sku] ?? {});
    const paid = terms
      .flatMap(({ priceDimensions }) => Object.values(priceDimensions))
      .map(({ beginRange, pricePerUnit }) => [Number(beginRange), Number(pricePerUnit['USD'])])
      .filter(([, price]) => (price as number) > 0)
      .sort(([a], [b]) => (a as number) - (b as number));
    return paid[0] === undefined ? [] : [paid[0][1] as number];
  });
  const day = offer.publicationDate.slice(0, 10);
  return { prices: [...new Set(prices)], source: `AWS price list, ${name}, ${day}` };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The filter that asks the Retail Prices API for a place. */
export function azureFilter({ serviceName, meterName }: AzurePlace, region: string): string {
  return (
    `serviceName eq '${serviceName}' and meterName eq '${meterName}' ` +
    `and armRegionName eq '${region}' and priceType eq 'Consumption'`
  );
}

/** What items of the API say of a place, by one unit of ours: they are for ten, or a million. */
export function inAzureItems(
  items: readonly AzureItem[],
  place: AzurePlace,
  region: string,
  day: string,
): Found {
  const paid = items
    .filter((item) =>
      (['serviceName', 'productName', 'skuName', 'meterName'] as const).every(
        (name) => item[name] === place[name],
      ),
    )
    .filter(({ armRegionName, type }) => armRegionName === region && type === 'Consumption')
    .filter(({ retailPrice }) => retailPrice > 0)
    .sort((a, b) => a.tierMinimumUnits - b.tierMinimumUnits);
  const [first] = paid;
  const source = `Azure Retail Prices API, ${region}, ${day}`;
  if (first === undefined) return { prices: [], source };
  const lowest = paid.filter((one) => one.tierMinimumUnits === first.tierMinimumUnits);
  const prices = lowest.map((one) => one.retailPrice / unitsOf(one.unitOfMeasure));
  return { prices: [...new Set(prices)], source };
}

/** How many units a price is for: `1 Hour`, `10`, `10K`, `1M`, `100 RU/s`. */
function unitsOf(unitOfMeasure: string): number {
  const [, digits = '1', suffix = ''] = /^(\d+)([KM]?)\b/.exec(unitOfMeasure) ?? [];
  return Number(digits) * ({ K: 1_000, M: 1_000_000 }[suffix] ?? 1);
}

const factorMax = 10;
const sameShare = 1e-6;

/**
 * A book with what was found in it, on such a day. What is missing or doubtful stays as it was; so does the day of the
 * book where all is.
 */
export function refreshed(
  book: PriceBook,
  found: ReadonlyMap<string, Found>,
  day: string,
): Refreshed {
  const findings: Finding[] = [];
  const prices = book.prices.map((price): Price => {
    const one = found.get(price.id);
    const result = resultOf(price, one);
    findings.push({ id: price.id, result, before: price.price, found: one?.prices ?? [] });
    if (one === undefined || (result !== 'same' && result !== 'changed')) return price;
    if (result === 'same') return { ...price, date: day, ...agreeing(price, one.source) };
    const [now] = one.prices as readonly [number, ...number[]];
    return { ...price, price: now, date: day, source: one.source, confidence: 'B' };
  });
  const isRead = findings.some(({ result }) => result === 'same' || result === 'changed');
  return { book: { readOn: isRead ? day : book.readOn, prices }, findings };
}

/** The sources of a price that a reading says as well; an earlier reading is not another source, nor is memory. */
function agreeing(
  { source, confidence }: Price,
  reading: string,
): Pick<Price, 'source' | 'confidence'> {
  const others = source.split('; ').filter((one) => confidence !== 'M' && !lists.test(one));
  return { source: [reading, ...others].join('; '), confidence: others.length > 0 ? 'A' : 'B' };
}

const lists = /^(AWS price list|Azure Retail Prices API), /;

function resultOf({ price, api }: Price, found: Found | undefined): Finding['result'] {
  if (api === undefined) return 'by hand';
  const [first, ...others] = found?.prices ?? [];
  if (first === undefined) return 'missing';
  const isSame = (one: number): boolean => Math.abs(one - price) <= price * sameShare;
  if ([first, ...others].some(isSame)) return 'same';
  const isFar = first > price * factorMax || first * factorMax < price;
  return others.length > 0 || isFar ? 'doubtful' : 'changed';
}

/** How many days ago the newest price of a book was read. */
export function ageDays({ readOn }: PriceBook, today: string): number {
  return Math.max(0, Math.round((Date.parse(today) - Date.parse(readOn)) / 86_400_000));
}

/** The date of the price that was read longest ago: a year, with month and day where they are known. */
export function oldestDate({ prices }: PriceBook): string {
  const [first = ''] = prices.map(({ date }) => date).sort();
  return first;
}
