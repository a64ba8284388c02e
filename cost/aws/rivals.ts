import { billOf } from '../bill.ts';
import type { Load } from '../load.ts';
import { gigabyte, hoursPerMonth, type Meter } from '../meter.ts';
import { mean, perMonth } from '../month.ts';
import type { PriceBook } from '../price-book.ts';
import type { Profile } from '../profile.ts';
import { rivalFigures as figures } from '../rival-figures.ts';
import type { Rival } from '../rivals.ts';
import { peakOf, type Workload } from '../workload.ts';
import { vcpuShare } from './functions.ts';
import { assumed, defaultAwsModes } from './settings.ts';
import { storedBytes } from './store.ts';
import { streamMeters } from './stream.ts';
import { awsLoads } from './usage.ts';

/** The common designs and the always-on ones on AWS. */
export function awsRivals(workload: Workload, profile: Profile, book: PriceBook): Rival[] {
  const loads = awsLoads(workload, profile);
  const stream = streamMeters(workload, loads, defaultAwsModes);
  const rowsPerEvent = (load: Load): number =>
    load.eventsPerSecond === 0
      ? 0
      : Math.min(1, (load.entryRows * load.entriesPerSecond) / load.eventsPerSecond);
  const designs = [
    {
      name: 'idempotency record per event',
      ...{ cpuUs: figures.recordPerEventUs, writes: () => figures.recordPerEventWrites },
      note: 'a record may count twice if it expires or its update fails half way',
    },
    {
      name: 'put per id, update per key',
      ...{ cpuUs: figures.putPerIdUs, writes: (load: Load) => 1 + rowsPerEvent(load) },
      note: 'a crash between the put and the update loses or doubles an event',
    },
  ].map(({ name, cpuUs, writes, note }): Rival => {
    const units = (load: Load): number => load.eventsPerSecond * writes(load);
    const meters = [
      ...stream,
      ...functions(loads, cpuUs, writes),
      ...cheapestStore(loads, units, book),
    ];
    return { name, meters: meters.filter((one) => one.units > 0), note, carries: true };
  });
  return [...designs, flink(workload, stream), container(workload, profile, loads, stream)];
}

function functions(loads: readonly Load[], cpuUs: number, writes: (load: Load) => number): Meter[] {
  const { processMemoryMB } = defaultAwsModes;
  const batches = perMonth(loads, (load) => load.batchesPerSecond);
  const seconds = perMonth(loads, (load) => {
    const cpuMs = cpuUs / 1_000 + writes(load) * assumed.sdkCpuMs;
    const waitMs = (writes(load) * assumed.storeCallMs) / figures.callsAtOnce;
    // While some calls wait, the CPU works on others.
    const eventMs = Math.max(cpuMs / vcpuShare(processMemoryMB), waitMs);
    const { batchesPerSecond, eventsPerSecond } = load;
    return (batchesPerSecond * assumed.invocationMs + eventsPerSecond * eventMs) / 1_000;
  });
  const logBytes = batches * assumed.invocationLogBytes;
  return [
    { name: 'batches', price: 'aws.lambda.request', units: batches, basis: 'computed' },
    {
      ...{ name: 'time of batches', price: 'aws.lambda.gb-second' },
      ...{ units: seconds * (processMemoryMB / 1_024), basis: 'assumed' },
    },
    {
      ...{ name: 'logs', price: 'aws.logs.in-gb' },
      ...{ units: logBytes / gigabyte, basis: 'assumed' },
    },
  ];
}

function cheapestStore(
  loads: readonly Load[],
  units: (load: Load) => number,
  book: PriceBook,
): Meter[] {
  const ids =
    (mean(loads, (load) => load.eventsPerSecond) * figures.idSeconds * figures.idBytes) / gigabyte;
  const stored: Meter = {
    name: 'ids',
    price: 'aws.dynamodb.gb-month',
    units: ids,
    basis: 'assumed',
  };
  const name = 'writes';
  const onDemand: Meter = {
    ...{ name, price: 'aws.dynamodb.write-unit' },
    ...{ units: perMonth(loads, units), basis: 'computed' },
  };
  const capacity = mean(loads, (load) => Math.ceil(units(load) / assumed.capacityShare));
  const provisioned: Meter = {
    ...{ name, price: 'aws.dynamodb.wcu-hour' },
    ...{ units: capacity * hoursPerMonth, basis: 'assumed' },
  };
  const isCheaper = billOf([provisioned], book).total < billOf([onDemand], book).total;
  return [isCheaper ? provisioned : onDemand, stored];
}

function flink(workload: Workload, stream: readonly Meter[]): Rival {
  const working = Math.max(1, Math.ceil(peakOf(workload) / figures.kpuEvents));
  const meters: Meter[] = [
    ...stream,
    {
      // One more is for orchestration.
      ...{ name: 'KPUs', price: 'aws.flink.kpu-hour', basis: 'assumed' },
      units: (working + 1) * hoursPerMonth,
    },
    {
      ...{ name: 'running storage', price: 'aws.flink.gb-month', basis: 'computed' },
      units: working * figures.kpuGB,
    },
  ];
  const note = 'what holds and answers its results is not in the sum';
  return {
    name: 'Managed Flink',
    meters: meters.filter(({ units }) => units > 0),
    note,
    carries: true,
  };
}

function container(
  workload: Workload,
  profile: Profile,
  loads: readonly Load[],
  stream: readonly Meter[],
): Rival {
  const { perEventUs } = profile.cpu.packed;
  const cores = (peakOf(workload) * perEventUs) / 1e6 / 0.7;
  const vcpus = Math.max(figures.containerCoresMin, Math.ceil(2 * cores) / 2);
  const gb = Math.max(figures.databaseGBMin, storedBytes(workload, loads) / gigabyte);
  const assumedHours = { units: hoursPerMonth, basis: 'assumed' } as const;
  const meters: Meter[] = [
    ...stream,
    {
      ...{ name: 'container, cores', price: 'aws.fargate.vcpu-hour', basis: 'assumed' },
      units: vcpus * hoursPerMonth,
    },
    {
      ...{ name: 'container, memory', price: 'aws.fargate.gb-hour', basis: 'assumed' },
      units: figures.containerGB * hoursPerMonth,
    },
    { name: 'database', price: 'aws.rds.postgres-hour', ...assumedHours },
    { name: 'database, storage', price: 'aws.rds.gb-month', units: gb, basis: 'assumed' },
  ];
  return {
    name: 'container with PostgreSQL',
    meters: meters.filter((one) => one.units > 0),
    ...containerLimits(workload),
  };
}

/** What a container with one database carries, and does not give. */
export function containerLimits(workload: Workload): Pick<Rival, 'note' | 'carries'> {
  const carries = peakOf(workload) <= figures.databaseEvents;
  const most = `${figures.databaseEvents.toLocaleString('en-US')} events/s`;
  const note = carries
    ? 'one zone, no spare, run and updated by you; a batch in one transaction is as exact'
    : `one database does not carry the peak: about ${most}`;
  return { note, carries };
}
