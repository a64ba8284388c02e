import type { Load } from '../load.ts';
import { gigabyte, hoursPerMonth, kilobyte, type Meter, secondsPerMonth } from '../meter.ts';
import { mean, perMonth } from '../month.ts';
import type { Workload } from '../workload.ts';
import { type AwsModes, retentionHours as defaultHours } from './settings.ts';

const payloadUnitBytes = 25 * kilobyte;
const advantageBytesMin = 25 * 1_048_576;
const dayHours = 24;

/** Payload units of one record. */
export function payloadUnits(recordBytes: number): number {
  return Math.max(1, Math.ceil(recordBytes / payloadUnitBytes));
}

/** Bytes that a record counts on demand. */
export function onDemandBytes(recordBytes: number): number {
  return Math.max(1, Math.ceil(recordBytes / kilobyte)) * kilobyte;
}

/** What Kinesis bills. */
export function streamMeters(
  workload: Workload,
  loads: readonly Load[],
  { stream, fanOut }: AwsModes,
): Meter[] {
  if (stream === 'provisioned') return provisioned(workload, loads, fanOut);
  const { archive } = workload;
  const inBytes = perMonth(loads, (one) => one.recordsPerSecond * onDemandBytes(one.recordBytes));
  const rawBytes = perMonth(loads, bytesPerSecond);
  const floor = stream === 'advantage' ? advantageBytesMin * secondsPerMonth : 0;
  const readers = (fanOut && stream === 'on-demand' ? 0 : 1) + (archive ? 1 : 0);
  const computed = { basis: 'computed' } as const;
  const kind = stream === 'advantage' ? 'aws.kinesis.advantage' : 'aws.kinesis';
  const gb = (bytes: number): number => Math.max(bytes, floor) / gigabyte;
  const hours = stream === 'advantage' ? 0 : hoursPerMonth;
  return [
    { name: 'stream', price: 'aws.kinesis.stream-hour', units: hours, ...computed },
    { name: 'data in', price: `${kind}${dashed(stream)}in-gb`, units: gb(inBytes), ...computed },
    {
      ...{ name: 'data out', price: `${kind}${dashed(stream)}out-gb` },
      ...{ units: gb(readers * rawBytes), ...computed },
    },
    {
      ...{ name: 'data out, pushed', price: 'aws.kinesis.on-demand-fan-out-gb' },
      units: fanOut && stream === 'on-demand' ? rawBytes / gigabyte : 0,
      ...computed,
    },
    {
      ...{ name: 'retention', price: 'aws.kinesis.retention-gb-month', ...computed },
      units: (mean(loads, bytesPerSecond) * keptLonger(workload) * 3_600) / gigabyte,
    },
  ];
}

const dashed = (stream: AwsModes['stream']): string => (stream === 'advantage' ? '-' : '.');

const bytesPerSecond = ({ recordsPerSecond, recordBytes }: Load): number =>
  recordsPerSecond * recordBytes;

/** Hours beyond the first day, which the prices hold. */
function keptLonger({ retentionHours }: Workload): number {
  return Math.max(0, (retentionHours ?? defaultHours) - dayHours);
}

function provisioned(workload: Workload, loads: readonly Load[], fanOut: boolean): Meter[] {
  const units = workload.partitions * hoursPerMonth;
  const computed = { basis: 'computed' } as const;
  const puts = perMonth(loads, (one) => one.recordsPerSecond * payloadUnits(one.recordBytes));
  return [
    { name: 'shards', price: 'aws.kinesis.shard-hour', units, ...computed },
    { name: 'payload units', price: 'aws.kinesis.put-unit', units: puts, ...computed },
    {
      ...{ name: 'retention', price: 'aws.kinesis.retention-shard-hour', ...computed },
      units: keptLonger(workload) > 0 ? units : 0,
    },
    {
      ...{ name: 'shards, pushed', price: 'aws.kinesis.fan-out-shard-hour', ...computed },
      units: fanOut ? units : 0,
    },
    {
      ...{ name: 'data out, pushed', price: 'aws.kinesis.fan-out-gb', ...computed },
      units: fanOut ? perMonth(loads, bytesPerSecond) / gigabyte : 0,
    },
  ];
}
