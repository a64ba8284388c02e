import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { AzureItem } from '../../cost/refresh.ts';

const folder = new URL('./price-lists/', import.meta.url);

/** An item in the documented shape of the Retail Prices API, with made-up prices. */
function item(meterName: string, retailPrice: number, more: Partial<AzureItem> = {}): AzureItem {
  return {
    ...{ serviceName: 'Event Hubs', productName: 'Event Hubs', skuName: 'Standard', meterName },
    ...{ retailPrice, tierMinimumUnits: 0, unitOfMeasure: '1 Hour' },
    ...{ armRegionName: 'eastus', type: 'Consumption' },
    ...more,
  };
}

const logs = {
  ...{ serviceName: 'Log Analytics', productName: 'Log Analytics' },
  ...{ skuName: 'Analytics Logs', unitOfMeasure: '1 GB' },
};

/** Made by hand from the field names that Microsoft documents; nothing of it was recorded from the service. */
const items: readonly AzureItem[] = [
  item('Standard Throughput Unit', 9, { armRegionName: 'westeurope' }),
  item('Standard Throughput Unit', 8, { type: 'DevTestConsumption' }),
  item('Standard Throughput Unit', 7, { productName: 'Event Hubs on Edge' }),
  item('Standard Throughput Unit', 0.04),
  item('Standard Ingress Events', 0.028, { unitOfMeasure: '1M' }),
  item('Analytics Logs Data Ingestion', 0, logs),
  item('Analytics Logs Data Ingestion', 2.5, { ...logs, tierMinimumUnits: 5 }),
];

/**
 * Both price lists on one server: AWS's files, one offer each, and Azure's API, which gives two items a page. What it
 * has no file for is an empty list.
 */
export function priceServer(): Promise<{ url: string; asked: string[] }> {
  return serverOf((url) => {
    const offer = /^\/offers\/v1\.0\/aws\/(\w+)\/current\/us-east-1\/index\.json$/.exec(
      url.pathname,
    );
    return offer === null ? azurePage(url) : awsFile(offer[1] as string);
  });
}

/** Both price lists, with nothing in them: all names have changed. */
export function emptyPriceServer(): Promise<{ url: string; asked: string[] }> {
  return serverOf(({ pathname }) =>
    pathname.startsWith('/offers') ? noOffer : { BillingCurrency: 'USD', Items: [] },
  );
}

const noOffer = { publicationDate: '2026-11-20T00:00:00Z', products: {}, terms: { OnDemand: {} } };

async function serverOf(bodyOf: (url: URL) => unknown): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    asked.push(url.pathname);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(bodyOf(url)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function awsFile(offer: string): unknown {
  try {
    return JSON.parse(readFileSync(new URL(`${offer}.json`, folder), 'utf8'));
  } catch {
    return noOffer;
  }
}

function azurePage(url: URL): unknown {
  const filter = url.searchParams.get('$filter') ?? '';
  const meter = /meterName eq '([^']+)'/.exec(filter)?.[1];
  const found = items.filter(({ meterName }) => meterName === meter);
  const skip = Number(url.searchParams.get('$skip') ?? 0);
  const next = new URL(url);
  next.searchParams.set('$skip', String(skip + 2));
  const NextPageLink = skip + 2 < found.length ? next.href : null;
  return { BillingCurrency: 'USD', Items: found.slice(skip, skip + 2), NextPageLink };
}
