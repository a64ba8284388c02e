import { MillraceError } from '../../core/errors.ts';
import type { PriceBook } from '../../cost/price-book.ts';
import {
  type AwsOffer,
  type AzureItem,
  awsOffers,
  azureFilter,
  type Found,
  inAwsOffer,
  inAzureItems,
  isAwsPlace,
} from '../../cost/refresh.ts';

/** Where the two price lists are. */
export interface PriceApis {
  readonly aws: string;
  readonly azure: string;
}

/** The public ones; neither asks who reads. */
export const publicApis: PriceApis = {
  aws: 'https://pricing.us-east-1.amazonaws.com',
  azure: 'https://prices.azure.com',
};

const pagesMax = 20;
const timeoutMs = 60_000;

/**
 * What the price lists say of the prices of a book, by id.
 *
 * @throws MillraceError `unavailable` when one of them does not answer.
 */
export async function findPrices(
  book: PriceBook,
  apis: PriceApis,
  day: string,
): Promise<ReadonlyMap<string, Found>> {
  const found = new Map<string, Found>();
  for (const { offer, region } of awsOffers(book)) {
    const path = `/offers/v1.0/aws/${offer}/current/${region}/index.json`;
    const list = (await get(`${apis.aws}${path}`)) as AwsOffer;
    for (const price of book.prices) {
      if (!isAwsPlace(price.api) || price.api.offer !== offer || price.region !== region) continue;
      found.set(price.id, inAwsOffer(list, price.api));
    }
  }
  for (const { id, api, region } of book.prices) {
    if (api === undefined || isAwsPlace(api)) continue;
    const items = await azureItems(apis.azure, azureFilter(api, region));
    found.set(id, inAzureItems(items, api, region, day));
  }
  return found;
}

/** All items of a filter, page by page. */
async function azureItems(base: string, filter: string): Promise<AzureItem[]> {
  const items: AzureItem[] = [];
  let next: string | null = `${base}/api/retail/prices?$filter=${encodeURIComponent(filter)}`;
  for (let page = 0; next !== null && page < pagesMax; page += 1) {
    const answer = (await get(next)) as {
      readonly Items?: readonly AzureItem[];
      readonly NextPageLink?: string | null;
    };
    items.push(...(answer.Items ?? []));
    next = answer.NextPageLink || null;
  }
  return items;
}

async function get(url: string): Promise<unknown> {
  const { host } = new URL(url);
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (response.ok) return await response.json();
    throw new Error(`it answers ${response.status}`);
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.cause ?? cause) : cause;
    const text = reason instanceof Error ? reason.message : String(reason);
    throw new MillraceError('unavailable', `can't read ${host}: ${text}`, { cause });
  }
}
