import { containerLimits } from '../aws/rivals.ts';
import { billOf } from '../bill.ts';
import { createUnits, itemBytes, replaceUnits } from '../cosmos-units.ts';
import type { Load } from '../load.ts';
import { gigabyte, hoursPerMonth, type Meter, secondsPerMonth } from '../meter.ts';
import { mean, peak, perMonth } from '../month.ts';
import type { PriceBook } from '../price-book.ts';
import type { Profile } from '../profile.ts';
import { rivalFigures as figures } from '../rival-figures.ts';
import type { Rival } from '../rivals.ts';
import { peakOf, type Workload } from '../workload.ts';
import { coreShare } from './functions.ts';
import { assumed, defaultAzureModes } from './settings.ts';
import { storedBytes } from './store.ts';
import { streamMeters } from './stream.ts';
import { azureLoads } from './usage.ts';

const smallBytes = 100;

/** The common designs and the always-on ones on Azure. */
export function azureRivals(workload: Workload, profile: Profile, book: PriceBook): Rival[] {
  const loads = azureLoads(workload, profile);
  const stream = streamMeters(workload, loads, defaultAzureModes);
  const create = createUnits(itemBytes(smallBytes));
  const replace = replaceUnits(itemBytes(smallBytes));
  const rowsPerEvent = (load: Load): number =>
    load.eventsPerSecond === 0
      ? 0
      : Math.min(1, (load.entryRows * load.entriesPerSecond) / load.eventsPerSecond);
  const designs = [
    {
      name: 'idempotency record per event',
      cpuUs: figures.recordPerEventUs,
      ...{ calls: () => 3, units: () => create + 2 * replace },
      note: 'a record may count twice if it expires or its update fails half way',
    },
    {
      name: 'put per id, update per key',
      cpuUs: figures.putPerIdUs,
      calls: (load: Load) => 1 + rowsPerEvent(load),
      units: (load: Load) => create + rowsPerEvent(load) * replace,
      note: 'a crash between the put and the update loses or doubles an event',
    },
  ].map(({ name, cpuUs, calls, units, note }): Rival => {
    const all = (load: Load): number => load.eventsPerSecond * units(load);
    const meters = [
      ...stream,
      ...functions(loads, cpuUs, calls),
      ...cheapestStore(loads, all, book),
    ];
    return { name, meters: meters.filter((one) => one.units > 0), note, carries: true };
  });
  return [...designs, streamAnalytics(loads, stream), container(workload, profile, loads, stream)];
}

/** Instances at work, for a second at least. */
function functions(loads: readonly Load[], cpuUs: number, calls: (load: Load) => number): Meter[] {
  const { instanceMemoryMB } = defaultAzureModes;
  const busy = perMonth(loads, (load) => {
    const cpuMs = cpuUs / 1_000 + calls(load) * assumed.sdkCpuMs;
    const waitMs = (calls(load) * assumed.storeCallMs) / figures.callsAtOnce;
    // While some calls wait, the CPU works on others.
    const eventMs = Math.max(cpuMs / coreShare(instanceMemoryMB), waitMs);
    const seconds = (load.eventsPerSecond * eventMs) / 1_000;
    return Math.max(Math.min(1, load.batchesPerSecond), seconds);
  });
  const batches = perMonth(loads, (load) => load.batchesPerSecond);
  return [
    {
      ...{ name: 'time of batches', price: 'azure.flex.gb-second' },
      ...{ units: busy * (instanceMemoryMB / 1_024), basis: 'assumed' },
    },
    { name: 'batches', price: 'azure.flex.execution', units: batches, basis: 'computed' },
  ];
}

function cheapestStore(
  loads: readonly Load[],
  units: (load: Load) => number,
  book: PriceBook,
): Meter[] {
  const ids = mean(loads, (load) => load.eventsPerSecond) * figures.idSeconds * figures.idBytes;
  const name = 'request units';
  const serverless: Meter = {
    ...{ name, price: 'azure.cosmos.ru' },
    ...{ units: perMonth(loads, units), basis: 'computed' },
  };
  const needed = peak(loads, units) / assumed.capacityShare;
  const hundreds = Math.ceil(Math.max(assumed.requestUnitsMin, needed) / 100);
  const provisioned: Meter = {
    ...{ name, price: 'azure.cosmos.100ru-hour' },
    ...{ units: hundreds * hoursPerMonth, basis: 'assumed' },
  };
  const isCheaper = billOf([provisioned], book).total < billOf([serverless], book).total;
  return [
    isCheaper ? provisioned : serverless,
    {
      ...{ name: 'ids', price: 'azure.cosmos.gb-month' },
      ...{ units: ids / gigabyte, basis: 'assumed' },
    },
  ];
}

function streamAnalytics(loads: readonly Load[], stream: readonly Meter[]): Rival {
  const bytes = peak(loads, (load) => load.recordsPerSecond * load.recordBytes);
  const units = Math.max(1, Math.ceil(bytes / figures.streamingUnitBytes));
  const meter: Meter = {
    ...{ name: 'streaming units', price: 'azure.stream-analytics.su-hour' },
    ...{ units: units * hoursPerMonth, basis: 'assumed' },
  };
  const note = 'does not know duplicates by id; what holds its results is not in the sum';
  const meters = [...stream, meter].filter((one) => one.units > 0);
  return { name: 'Stream Analytics', meters, note, carries: true };
}

function container(
  workload: Workload,
  profile: Profile,
  loads: readonly Load[],
  stream: readonly Meter[],
): Rival {
  const { perEventUs } = profile.cpu.packed;
  const cores = (peakOf(workload) * perEventUs) / 1e6 / assumed.cpuShare;
  const vcpus = Math.max(figures.containerCoresMin, Math.ceil(2 * cores) / 2);
  const gb = Math.max(figures.databaseGBMin, storedBytes(workload, loads) / gigabyte);
  const meters: Meter[] = [
    ...stream,
    {
      ...{ name: 'container, cores', price: 'azure.container.vcpu-second', basis: 'assumed' },
      units: vcpus * secondsPerMonth,
    },
    {
      ...{ name: 'container, memory', price: 'azure.container.gb-second', basis: 'assumed' },
      units: figures.containerGB * secondsPerMonth,
    },
    {
      ...{ name: 'database', price: 'azure.postgres.hour' },
      ...{ units: hoursPerMonth, basis: 'assumed' },
    },
    { name: 'database, storage', price: 'azure.postgres.gb-month', units: gb, basis: 'assumed' },
  ];
  return {
    name: 'container with PostgreSQL',
    meters: meters.filter((one) => one.units > 0),
    ...containerLimits(workload),
  };
}
