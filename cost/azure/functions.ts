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

/** Instances of `process` at work: as many as its CPU time needs. */
export function instancesOf(load: Load, profile: Profile, memoryMB: number): number {
  const cpuMs = load.batchCpuMs + callsOfBatch(load, profile) * assumed.sdkCpuMs;
  const cores =
    (load.batchesPerSecond * cpuMs) / 1_000 / Math.max(0.25, memoryMB / assumed.coreMemoryMB);
  return Math.max(1, Math.ceil(cores / assumed.cpuShare));
}

/**
 * Seconds by second for which instances are billed: while anything runs on one, whatever runs beside it. So many
 * instances share the batches evenly.
 */
function busySeconds(load: Load, profile: Profile, memoryMB: number): number {
  const instances = instancesOf(load, profile, memoryMB);
  const seconds = billedMs(batchMs(load, profile, memoryMB)) / 1_000;
  return instances * Math.min(1, (load.batchesPerSecond / instances) * seconds);
}

/** What the Flex Consumption plan bills. Each function scales apart; those of HTTP share their instances. */
export function functionMeters(
  workload: Workload,
  profile: Profile,
  loads: readonly Load[],
  { functions, instanceMemoryMB }: AzureModes,
): Meter[] {
  const isReady = functions === 'always-ready';
  const gb = instanceMemoryMB / 1_024;
  const batches = perMonth(loads, (load) => load.batchesPerSecond);
  const busy = perMonth(loads, (load) => busySeconds(load, profile, instanceMemoryMB));
  const ready = peak(loads, (load) => instancesOf(load, profile, instanceMemoryMB));
  const { queriesPerSecond } = workload;
  const querySeconds = billedMs(3 * assumed.storeCallMs + assumed.queryMs) / 1_000;
  const answering = Math.min(1, queriesPerSecond * querySeconds) * secondsPerMonth;
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
      units: ((minutesPerMonth * flexMsMin) / 1_000) * gb,
    },
    { name: 'time of queries', price: time, units: answering * gb, basis: 'assumed' },
    {
      ...{ name: 'batches', units: batches, basis: 'computed' },
      price: isReady ? 'azure.flex.ready-execution' : run,
    },
    { name: 'rounds of maintenance', price: run, units: minutesPerMonth, basis: 'computed' },
    { name: 'queries', price: run, units: queriesPerSecond * secondsPerMonth, basis: 'computed' },
  ];
}
