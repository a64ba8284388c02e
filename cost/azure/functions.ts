import type { Load } from '../load.ts';
import { type Meter, minutesPerMonth, secondsPerMonth } from '../meter.ts';
import { peak, perMonth } from '../month.ts';
import { callsOfBatch } from '../operations.ts';
import type { Profile } from '../profile.ts';
import type { Workload } from '../workload.ts';
import { type AzureModes, assumed, flexMsMin, flexMsStep } from './settings.ts';

/** The share of a core that an instance has; more than one is of no use to one batch. */
export function coreShare(memoryMB: number): number {
  return Math.min(1, memoryMB / assumed.coreMemoryMB);
}

/** How long one batch runs on an instance of some memory, milliseconds. */
export function batchMs(load: Load, profile: Profile, memoryMB: number): number {
  const calls = callsOfBatch(load, profile);
  const cpuMs = load.batchCpuMs + calls * assumed.sdkCpuMs;
  return assumed.executionMs + calls * assumed.storeCallMs + cpuMs / coreShare(memoryMB);
}

/** What an execution counts: a second at least, then tenths of a second. */
export function billedMs(ms: number): number {
  return Math.max(flexMsMin, Math.ceil(ms / flexMsStep) * flexMsStep);
}

/** A round of maintenance, milliseconds. */
export function roundMs(partitions: number, { calls }: Profile): number {
  const { reads, writes } = calls.partition;
  const perPartition = (reads + writes) * assumed.storeCallMs + assumed.askStreamMs;
  return assumed.roundMs + partitions * perPartition;
}

/** Instances of `process` at work: as many as its CPU time needs. */
export function instancesOf(load: Load, profile: Profile, memoryMB: number): number {
  const cpuMs = load.batchCpuMs + callsOfBatch(load, profile) * assumed.sdkCpuMs;
  return instancesFor((load.batchesPerSecond * cpuMs) / 1_000, memoryMB);
}

/** Instances for so many seconds of CPU time by second. */
function instancesFor(cpuSeconds: number, memoryMB: number): number {
  const cores = cpuSeconds / Math.max(0.25, memoryMB / assumed.coreMemoryMB);
  return Math.max(1, Math.ceil(cores / assumed.cpuShare));
}

/** Instances of HTTP at work where so many queries come by second. */
export function answeringInstances(queriesPerSecond: number, memoryMB: number): number {
  const cpuMs = assumed.queryMs + 3 * assumed.sdkCpuMs;
  return instancesFor((queriesPerSecond * cpuMs) / 1_000, memoryMB);
}

/**
 * Seconds by second for which instances are billed: while anything runs on one, whatever runs beside it. So many
 * instances share what comes evenly.
 */
function busySeconds(instances: number, perSecond: number, ms: number): number {
  return Math.min(instances, (perSecond * billedMs(ms)) / 1_000);
}

/** What the Flex Consumption plan bills. Each function scales apart; those of HTTP share their instances. */
export function functionMeters(
  workload: Workload,
  profile: Profile,
  loads: readonly Load[],
  { functions, http, instanceMemoryMB }: AzureModes,
): Meter[] {
  const isReady = functions === 'always-ready';
  const isHttpReady = http === 'always-ready';
  const gb = instanceMemoryMB / 1_024;
  const batches = perMonth(loads, (load) => load.batchesPerSecond);
  const busy = perMonth(loads, (load) => {
    const instances = instancesOf(load, profile, instanceMemoryMB);
    const ms = batchMs(load, profile, instanceMemoryMB);
    return busySeconds(instances, load.batchesPerSecond, ms);
  });
  const ready = peak(loads, (load) => instancesOf(load, profile, instanceMemoryMB));
  const { queriesPerSecond } = workload;
  const answering = answeringInstances(queriesPerSecond, instanceMemoryMB);
  const queryMs = 3 * assumed.storeCallMs + assumed.queryMs;
  const answeringSeconds = busySeconds(answering, queriesPerSecond, queryMs) * secondsPerMonth;
  const maintainMs = minutesPerMonth * billedMs(roundMs(workload.partitions, profile));
  const time = 'azure.flex.gb-second';
  const run = 'azure.flex.execution';
  return [
    {
      ...{ name: 'time of batches', units: busy * gb, basis: 'computed' },
      price: isReady ? 'azure.flex.ready-busy-gb-second' : time,
    },
    {
      ...{ name: 'instances kept warm', price: 'azure.flex.ready-gb-second', basis: 'computed' },
      units: isReady ? ready * secondsPerMonth * gb : 0,
    },
    {
      ...{ name: 'time of maintenance', price: time, basis: 'assumed' },
      units: (maintainMs / 1_000) * gb,
    },
    {
      ...{ name: 'time of queries', units: answeringSeconds * gb, basis: 'assumed' },
      price: isHttpReady ? 'azure.flex.ready-busy-gb-second' : time,
    },
    {
      ...{ name: 'instances of HTTP kept warm', price: 'azure.flex.ready-gb-second' },
      ...{ units: isHttpReady ? answering * secondsPerMonth * gb : 0, basis: 'computed' },
    },
    {
      ...{ name: 'batches', units: batches, basis: 'computed' },
      price: isReady ? 'azure.flex.ready-execution' : run,
    },
    { name: 'rounds of maintenance', price: run, units: minutesPerMonth, basis: 'computed' },
    {
      ...{ name: 'queries', units: queriesPerSecond * secondsPerMonth, basis: 'computed' },
      price: isHttpReady ? 'azure.flex.ready-execution' : run,
    },
  ];
}
