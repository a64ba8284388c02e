import type { Load } from '../load.ts';
import { gigabyte, type Meter, minutesPerMonth, secondsPerMonth } from '../meter.ts';
import { mean, peak, perMonth } from '../month.ts';
import type { Profile } from '../profile.ts';
import type { Workload } from '../workload.ts';
import { alerts, assumed, checkpointBatches } from './settings.ts';

/** What the host's storage, the queue, Azure Monitor and the way out bill. */
export function restMeters(workload: Workload, profile: Profile, loads: readonly Load[]): Meter[] {
  const { queriesPerSecond, queryRows, partitions } = workload;
  const isQuiet = peak(loads, (load) => load.eventsPerSecond) === 0;
  // The host sleeps when nothing comes.
  const awake = mean(loads, (load) => Math.min(1, load.batchesPerSecond));
  const turns = (awake * secondsPerMonth) / assumed.ownershipSeconds;
  const checkpoints = perMonth(loads, (load) => load.batchesPerSecond) / checkpointBatches;
  const logBytes = (isQuiet ? 1 : 2) * minutesPerMonth * assumed.minuteLogBytes;
  const answers = queriesPerSecond * secondsPerMonth * queryRows * profile.answerRowBytes;
  return [
    {
      ...{ name: 'checkpoints', price: 'azure.blob.other' },
      ...{ units: checkpoints, basis: 'computed' },
    },
    {
      ...{ name: 'owners of partitions', price: 'azure.blob.other' },
      ...{ units: partitions * turns, basis: 'assumed' },
    },
    { name: 'lists of owners', price: 'azure.blob.list', units: turns, basis: 'assumed' },
    {
      ...{ name: 'looks at the queue', price: 'azure.queue.operation' },
      ...{ units: minutesPerMonth, basis: 'computed' },
    },
    {
      ...{ name: 'metric alerts', price: 'azure.metric-alert-month' },
      ...{ units: alerts.metric, basis: 'computed' },
    },
    {
      ...{ name: 'log alerts', price: 'azure.log-alert-month' },
      ...{ units: alerts.log, basis: 'computed' },
    },
    { name: 'logs', price: 'azure.logs.in-gb', units: logBytes / gigabyte, basis: 'assumed' },
    {
      ...{ name: 'answers', price: 'azure.egress-gb' },
      ...{ units: answers / gigabyte, basis: 'measured' },
    },
  ];
}
