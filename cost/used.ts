import type { Usage } from '../core/journal/usage.ts';
import { billedMs as lambdaMs } from './aws/functions.ts';
import { defaultAwsModes } from './aws/settings.ts';
import { defaultAzureModes } from './azure/settings.ts';
import { billOf } from './bill.ts';
import type { Meter } from './meter.ts';
import type { Cloud, PriceBook } from './price-book.ts';

/** Where a pipeline's use is billed: a cloud, and whether it bills the calls of the store by what was counted. */
export interface BilledAt {
  readonly cloud: Cloud;
  /** `items`: the table or container of the template. `blobs`: Blob storage, which bills calls in another way. */
  readonly store: 'items' | 'blobs';
}

/** One line of what was used. */
export interface UsedLine {
  readonly name: string;
  readonly units: number;
  readonly unit: string;
  readonly dollars: number;
}

/** What was used so far, as a cloud bills it. */
export interface UsedBill {
  readonly cloud: Cloud;
  readonly lines: readonly UsedLine[];
  /** Dollars, as if nothing were free. */
  readonly dollars: number;
  /** Of events received; null before the first one. */
  readonly dollarsPerMillionEvents: number | null;
  /** What else the cloud bills, and nobody counted. */
  readonly leftOut: readonly string[];
}

const megabytesPerGB = 1_024;
const msPerSecond = 1_000;

/** What use so far comes to on a cloud, at the prices and with the memory of its template. */
export function usedBill(
  { cloud, store }: BilledAt,
  used: Usage,
  events: number,
  book: PriceBook,
): UsedBill {
  const meters = cloud === 'aws' ? awsMeters(used) : azureMeters(used, store);
  const { lines, total } = billOf(meters, book);
  return {
    cloud,
    lines: lines.map(({ meter: { name, units }, price: { unit }, cost }) => {
      return { name, units, unit, dollars: cost };
    }),
    dollars: total,
    dollarsPerMillionEvents: events === 0 ? null : (total / events) * 1e6,
    leftOut: leftOut[cloud].concat(store === 'blobs' ? ['calls of Blob storage'] : []),
  };
}

/** What is billed by the hour or by what is kept, and what instances use that write no entries. */
const leftOut: Readonly<Record<Cloud, readonly string[]>> = {
  aws: [
    ...['shards', 'what is kept', 'invocations and time of ingest, queries and maintenance'],
    ...['calls of the store by queries', 'objects, queues, keys, logs, alarms and data out'],
  ],
  azure: [
    ...[
      'throughput units',
      'what is kept',
      'executions and time of ingest, queries and maintenance',
    ],
    ...['calls of the store by queries', 'blobs, queues, checkpoints, logs, alerts and data out'],
  ],
};

const computed = { basis: 'computed' } as const;

function awsMeters(used: Usage): Meter[] {
  const { batches, busyMs, payloadUnits, writeUnits, readUnits } = used;
  const { processMemoryMB } = defaultAwsModes;
  // Each invocation is billed by its own milliseconds.
  const ms = batches === 0 ? 0 : batches * lambdaMs(busyMs / batches);
  return [
    { name: 'payload units', price: 'aws.kinesis.put-unit', units: payloadUnits, ...computed },
    { name: 'batches', price: 'aws.lambda.request', units: batches, ...computed },
    {
      ...{ name: 'time of batches', price: 'aws.lambda.gb-second', ...computed },
      units: gbSeconds(ms, processMemoryMB),
    },
    { name: 'writes', price: 'aws.dynamodb.write-unit', units: writeUnits, ...computed },
    { name: 'reads', price: 'aws.dynamodb.read-unit', units: readUnits, ...computed },
  ];
}

function azureMeters(used: Usage, store: BilledAt['store']): Meter[] {
  const { batches, activeMs, ingressUnits, requestMilliunits } = used;
  const { instanceMemoryMB } = defaultAzureModes;
  const requestUnits: Meter = {
    ...{ name: 'request units', price: 'azure.cosmos.ru', ...computed },
    units: requestMilliunits / 1_000,
  };
  return [
    { name: 'records in', price: 'azure.eventhubs.ingress', units: ingressUnits, ...computed },
    { name: 'batches', price: 'azure.flex.execution', units: batches, ...computed },
    {
      ...{ name: 'time of batches', price: 'azure.flex.gb-second', ...computed },
      units: gbSeconds(activeMs, instanceMemoryMB),
    },
    ...(store === 'items' ? [requestUnits] : []),
  ];
}

function gbSeconds(ms: number, memoryMB: number): number {
  return (ms / msPerSecond) * (memoryMB / megabytesPerGB);
}
