import { answeringInstances as answeringOnAws } from './aws/functions.ts';
import { type AwsModes, defaultAwsModes, lambdaHost, pushedHost } from './aws/settings.ts';
import { awsMeters } from './aws/usage.ts';
import { answeringInstances as answeringOnAzure } from './azure/functions.ts';
import { type AzureModes, defaultAzureModes } from './azure/settings.ts';
import { autoscaledUnits, provisionedUnits } from './azure/store.ts';
import { basicMeters } from './azure/stream.ts';
import { azureLoads, azureMeters } from './azure/usage.ts';
import { billOf } from './bill.ts';
import { requestUnits } from './cosmos-units.ts';
import type { Meter } from './meter.ts';
import { mean, peak } from './month.ts';
import { operationsOf } from './operations.ts';
import type { Cloud, PriceBook } from './price-book.ts';
import type { Profile } from './profile.ts';
import type { Workload } from './workload.ts';

/** One mode of one part, all else as the template makes it. */
export interface Option {
  readonly name: string;
  /** Dollars of the whole system in a month. */
  readonly total: number;
  /** Why it can't be chosen; null where it can. */
  readonly impossible: string | null;
  /** What decides about its price. */
  readonly why: string;
}

/** The modes of one part of the system. */
export interface Choice {
  readonly what: string;
  /** What the template makes. */
  readonly current: string;
  readonly cheapest: string;
  readonly options: readonly Option[];
}

/** Modes of a part, and what decides about their prices. */
interface Part<M> {
  readonly what: string;
  readonly current: string;
  readonly options: readonly {
    readonly name: string;
    readonly modes: M;
    readonly why: string;
    readonly impossible?: string | null;
  }[];
}

/** The cheapest mode of each part for a workload, and why. */
export function choicesOf(
  cloud: Cloud,
  workload: Workload,
  profile: Profile,
  book: PriceBook,
): Choice[] {
  if (cloud === 'azure') return azureChoices(workload, profile, book);
  const of = (modes: AwsModes): number => billOf(awsMeters(workload, profile, modes), book).total;
  return awsParts(workload, profile).map((part) => chosen(part, of));
}

function chosen<M>({ what, current, options }: Part<M>, total: (modes: M) => number): Choice {
  const all = options.map(({ name, modes, why, impossible = null }): Option => {
    return { name, total: total(modes), impossible, why };
  });
  return { what, current, cheapest: cheapestOf(all), options: all };
}

function cheapestOf(options: readonly Option[]): string {
  const possible = options.filter(({ impossible }) => impossible === null);
  return possible.reduce((a, b) => (b.total < a.total ? b : a)).name;
}

function awsParts(workload: Workload, profile: Profile): Part<AwsModes>[] {
  const { partitions, queriesPerSecond } = workload;
  const modes = defaultAwsModes;
  const ready = answeringOnAws(queriesPerSecond);
  const shards = partitions === 1 ? '1 shard' : `${partitions} shards`;
  return [
    {
      ...{ what: 'Kinesis', current: 'provisioned' },
      options: [
        { name: 'provisioned', modes, why: `${shards} by the hour, whatever comes` },
        {
          ...{ name: 'on-demand', modes: { ...modes, stream: 'on-demand' } },
          why: 'by the hour of the stream and by GB; each record counts as whole KBs',
        },
        {
          ...{ name: 'advantage', modes: { ...modes, stream: 'advantage' } },
          why: 'by GB alone, 25 MB/s in and out at least, for all streams of the account together',
        },
      ],
    },
    {
      ...{ what: 'DynamoDB', current: 'on-demand' },
      options: [
        { name: 'on-demand', modes, why: 'by request; nothing while nothing comes' },
        {
          ...{ name: 'provisioned', modes: { ...modes, store: 'provisioned' } },
          why: 'by the hour of capacity; cheaper the steadier the load; not in the template',
        },
      ],
    },
    readingPart(workload),
    httpPart(modes, { ...modes, httpReady: ready }, ready, profile),
  ];
}

/** How records come from Kinesis to the function, and how late. */
function readingPart({ batchWindowSeconds: window }: Workload): Part<AwsModes> {
  const modes = defaultAwsModes;
  const hasWindow = window > lambdaHost.waitSeconds;
  const polled = Math.max(lambdaHost.waitSeconds, window);
  const pushed = hasWindow ? `the window of ${window} s` : `${pushedHost.waitSeconds * 1_000} ms`;
  return {
    ...{ what: 'Reading', current: 'polled' },
    options: [
      { name: 'polled', modes, why: `a shard is asked once a second: counted after ${polled} s` },
      {
        ...{ name: 'pushed', modes: { ...modes, fanOut: true } },
        why: `enhanced fan-out, by shard and GB: counted after ${pushed}${hasWindow ? '' : ', in more batches'}`,
      },
    ],
  };
}

/** Whether instances of HTTP are kept, and what a first answer waits for. */
function httpPart<M>(cold: M, warm: M, instances: number, { startMs }: Profile): Part<M> {
  const start = `${Math.round(startMs).toLocaleString('en-US')} ms`;
  const kept = instances === 1 ? '1 instance' : `${instances.toLocaleString('en-US')} instances`;
  return {
    ...{ what: 'HTTP', current: 'cold' },
    options: [
      {
        ...{ name: 'cold', modes: cold },
        why: `a first answer waits for an instance, and ${start} for its process`,
      },
      { name: 'kept warm', modes: warm, why: `${kept} all the time: no answer waits for a start` },
    ],
  };
}

function azureChoices(workload: Workload, profile: Profile, book: PriceBook): Choice[] {
  const modes = defaultAzureModes;
  const of = (some: AzureModes): number => billOf(azureMeters(workload, profile, some), book).total;
  return azureParts(workload, profile).map((part) => {
    const choice = chosen(part, of);
    if (choice.what !== 'Event Hubs') return choice;
    const stream = (meters: readonly Meter[]): number => billOf(meters, book).total;
    const names = ['stream', 'records in', 'records kept'];
    const standard = azureMeters(workload, profile, modes);
    const without = standard.filter(({ name }) => !names.includes(name));
    const basic: Option = {
      name: 'basic',
      total: stream([...without, ...basicMeters(azureLoads(workload, profile))]),
      impossible: 'it has one consumer group, and the app needs two',
      why: 'half the price of a throughput unit; records are kept for a day',
    };
    const options = [basic, ...choice.options];
    return { ...choice, options, cheapest: cheapestOf(options) };
  });
}

function azureParts(workload: Workload, profile: Profile): Part<AzureModes>[] {
  const modes = defaultAzureModes;
  const loads = azureLoads(workload, profile);
  const ready = answeringOnAzure(workload.queriesPerSecond, modes.instanceMemoryMB);
  const units = (load: (typeof loads)[number]): number =>
    requestUnits(operationsOf(load, workload, profile));
  const most = peak(loads, units);
  const busy = mean(loads, (load) => Math.min(1, load.batchesPerSecond));
  const rate = (value: number): string => `${Math.round(value).toLocaleString('en-US')} RU/s`;
  return [
    {
      ...{ what: 'Event Hubs', current: 'standard' },
      options: [
        { name: 'standard', modes, why: 'by throughput unit and by record' },
        {
          ...{ name: 'premium', modes: { ...modes, stream: 'premium' } },
          why: 'by processing unit; records and Capture are in it',
        },
      ],
    },
    {
      ...{ what: 'Flex Consumption', current: 'on-demand' },
      options: [
        { name: 'on-demand', modes, why: `an instance is at work ${percent(busy)} of the time` },
        {
          ...{ name: 'always-ready', modes: { ...modes, functions: 'always-ready' } },
          why: 'all the time at a low price, and less for the time at work: no free grant',
        },
      ],
    },
    {
      ...{ what: 'Cosmos DB', current: 'serverless' },
      options: [
        {
          ...{
            name: 'serverless',
            modes,
            why: `by request unit: ${rate(mean(loads, units))} in the mean`,
          },
          impossible:
            most > 5_000 ? `a container carries 5,000 RU/s; the peak is ${rate(most)}` : null,
        },
        {
          ...{ name: 'autoscale', modes: { ...modes, store: 'autoscale' } },
          why: `by the highest second of each hour, with a round of maintenance and a compaction: ${rate(autoscaledUnits(workload, profile, loads))}`,
        },
        {
          ...{ name: 'provisioned', modes: { ...modes, store: 'provisioned' } },
          why: `${rate(provisionedUnits(workload, profile, loads))} all the time; not in the template`,
        },
      ],
    },
    httpPart(modes, { ...modes, http: 'always-ready' }, ready, profile),
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
