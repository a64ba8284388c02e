import type { Load } from '../load.ts';
import { gigabyte, hoursPerMonth, kilobyte, type Meter, secondsPerMonth } from '../meter.ts';
import { mean, peak, perMonth } from '../month.ts';
import type { Workload } from '../workload.ts';
import {
  type AzureModes,
  assumed,
  retentionHours as defaultHours,
  unitBytes,
  unitGB,
  unitRecords,
} from './settings.ts';

const ingressBytes = 64 * kilobyte;
const dayHours = 24;

/** Records of up to 64 KB that one record counts for. */
export function ingressRecords(recordBytes: number): number {
  return Math.max(1, Math.ceil(recordBytes / ingressBytes));
}

/** Throughput units that the highest level needs. */
export function throughputUnits(loads: readonly Load[]): number {
  return peak(loads, ({ recordsPerSecond, recordBytes }) => {
    const bytes = (recordsPerSecond * recordBytes) / unitBytes;
    return Math.max(1, Math.ceil(bytes), Math.ceil(recordsPerSecond / unitRecords));
  });
}

/** What Event Hubs bills. */
export function streamMeters(
  workload: Workload,
  loads: readonly Load[],
  { stream }: Pick<AzureModes, 'stream'>,
): Meter[] {
  const { archive, partitions } = workload;
  const isPremium = stream === 'premium';
  const bytes = perMonth(loads, (load) => load.recordsPerSecond * load.recordBytes);
  const units = isPremium ? processingUnits(loads) : throughputUnits(loads);
  const records = perMonth(loads, (one) => one.recordsPerSecond * ingressRecords(one.recordBytes));
  const computed = { basis: 'computed' } as const;
  const objects = (partitions * secondsPerMonth) / assumed.captureSeconds;
  return [
    {
      ...{ name: 'stream', units: units * hoursPerMonth, ...computed },
      price: isPremium ? 'azure.eventhubs.pu-hour' : 'azure.eventhubs.tu-hour',
    },
    {
      ...{ name: 'records in', price: 'azure.eventhubs.ingress', ...computed },
      units: isPremium ? 0 : records,
    },
    {
      ...{ name: 'records kept', price: 'azure.blob.gb-month', ...computed },
      units: isPremium ? 0 : keptBeyondUnits(workload, loads),
    },
    {
      ...{ name: 'archive, Capture', price: 'azure.eventhubs.capture-hour', ...computed },
      units: archive && !isPremium ? units * hoursPerMonth : 0,
    },
    {
      ...{ name: 'archive, objects', price: 'azure.blob.write', basis: 'assumed' },
      units: archive ? objects : 0,
    },
    {
      ...{ name: 'archive, kept', price: 'azure.blob.gb-month', ...computed },
      units: archive ? bytes / gigabyte : 0,
    },
  ];
}

/**
 * GB that are kept beyond what throughput units pay for: all of the first day, and so many GB each. The rest has the
 * price of Blob storage. https://learn.microsoft.com/azure/event-hubs/event-hubs-faq
 */
function keptBeyondUnits(workload: Workload, loads: readonly Load[]): number {
  const hours = workload.retentionHours ?? defaultHours;
  if (hours <= dayHours) return 0;
  const bytes = mean(loads, (one) => one.recordsPerSecond * one.recordBytes) * hours * 3_600;
  return Math.max(0, bytes / gigabyte - throughputUnits(loads) * unitGB);
}

function processingUnits(loads: readonly Load[]): number {
  const bytes = peak(loads, (load) => load.recordsPerSecond * load.recordBytes);
  return Math.max(1, Math.ceil(bytes / assumed.premiumUnitBytes));
}

/** What Basic would be: it has one consumer group and keeps records for a day, and the app needs two groups. */
export function basicMeters(loads: readonly Load[]): Meter[] {
  const units = throughputUnits(loads) * hoursPerMonth;
  const records = perMonth(loads, (one) => one.recordsPerSecond * ingressRecords(one.recordBytes));
  return [
    { name: 'stream', price: 'azure.eventhubs.basic-tu-hour', units, basis: 'computed' },
    { name: 'records in', price: 'azure.eventhubs.ingress', units: records, basis: 'computed' },
  ];
}
