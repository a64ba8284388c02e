import type { Load } from '../load.ts';
import { hoursPerMonth, type Meter, minutesPerMonth, secondsPerMonth } from '../meter.ts';
import { perMonth } from '../month.ts';
import { callsOfBatch } from '../operations.ts';
import type { Profile } from '../profile.ts';
import type { Workload } from '../workload.ts';
import { type AwsModes, assumed, vcpuMemoryMB } from './settings.ts';

/** How long one batch keeps an instance of some memory, milliseconds. */
export function batchMs(load: Load, profile: Profile, memoryMB: number): number {
  const calls = callsOfBatch(load, profile);
  const cpuMs = load.batchCpuMs + calls * assumed.sdkCpuMs;
  return assumed.invocationMs + calls * assumed.storeCallMs + cpuMs / vcpuShare(memoryMB);
}

/** The share of a vCPU that an instance has; more than one is of no use to one batch. */
export function vcpuShare(memoryMB: number): number {
  return Math.min(1, memoryMB / vcpuMemoryMB);
}

/** What an invocation counts: its milliseconds, the last one as a whole. */
export function billedMs(ms: number): number {
  return ms + 0.5;
}

/** A round of maintenance, milliseconds. */
function roundMs(partitions: number, { calls }: Profile): number {
  const { reads, writes } = calls.partition;
  const perPartition = (reads + writes) * assumed.storeCallMs + assumed.askStreamMs;
  return assumed.roundMs + partitions * perPartition;
}

/** An answer, milliseconds. */
const answerMs = 3 * assumed.storeCallMs + assumed.queryMs;

/** Instances of `query` at work where so many come by second: each answers one at a time. */
export function answeringInstances(queriesPerSecond: number): number {
  return Math.max(1, Math.ceil((queriesPerSecond * answerMs) / 1_000));
}

/** What Lambda bills. */
export function functionMeters(
  workload: Workload,
  profile: Profile,
  loads: readonly Load[],
  modes: AwsModes,
): Meter[] {
  const batches = perMonth(loads, (load) => load.batchesPerSecond);
  const queries = workload.queriesPerSecond * secondsPerMonth;
  const busyMs = perMonth(
    loads,
    (load) => load.batchesPerSecond * billedMs(batchMs(load, profile, modes.processMemoryMB)),
  );
  const queryMs = billedMs(answerMs);
  const isReady = modes.httpReady > 0;
  const time = 'aws.lambda.gb-second';
  const gbSeconds = (ms: number, memoryMB: number): number => (ms / 1_000) * (memoryMB / 1_024);
  const maintainMs = minutesPerMonth * billedMs(roundMs(workload.partitions, profile));
  return [
    { name: 'batches', price: 'aws.lambda.request', units: batches, basis: 'computed' },
    {
      ...{ name: 'rounds of maintenance', price: 'aws.lambda.request' },
      ...{ units: minutesPerMonth, basis: 'computed' },
    },
    { name: 'queries', price: 'aws.lambda.request', units: queries, basis: 'computed' },
    {
      ...{ name: 'time of batches', price: time, basis: 'assumed' },
      units: gbSeconds(busyMs, modes.processMemoryMB),
    },
    {
      ...{ name: 'time of maintenance', price: time, basis: 'assumed' },
      units: gbSeconds(maintainMs, modes.maintainMemoryMB),
    },
    {
      ...{ name: 'time of queries', basis: 'assumed' },
      price: isReady ? 'aws.lambda.ready-busy-gb-second' : time,
      units: gbSeconds(queries * queryMs, modes.httpMemoryMB),
    },
    {
      ...{ name: 'instances kept warm', price: 'aws.lambda.ready-gb-second', basis: 'computed' },
      // Of `ingest` and of `query` each.
      units: gbSeconds(2 * modes.httpReady * hoursPerMonth * 3_600_000, modes.httpMemoryMB),
    },
  ];
}
