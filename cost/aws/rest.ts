import type { Load } from '../load.ts';
import {
  gigabyte,
  hoursPerMonth,
  kilobyte,
  type Meter,
  minutesPerMonth,
  secondsPerMonth,
} from '../meter.ts';
import { peak, perMonth } from '../month.ts';
import type { Profile } from '../profile.ts';
import type { Workload } from '../workload.ts';
import { alarmMetrics, assumed, figures } from './settings.ts';

const firehoseBytes = 5 * kilobyte;

/** What the queue, KMS, CloudWatch and the way out bill. */
export function restMeters(workload: Workload, profile: Profile, loads: readonly Load[]): Meter[] {
  const { partitions, queriesPerSecond, queryRows } = workload;
  const isQuiet = peak(loads, (load) => load.eventsPerSecond) === 0;
  const seconds = secondsPerMonth;
  const logBytes = logBytesOf(workload, loads, isQuiet);
  const kmsSlots = seconds / assumed.kmsSeconds;
  const answers = queriesPerSecond * seconds * queryRows * profile.answerRowBytes;
  const polls = (hoursPerMonth * 3_600 * assumed.queuePollers) / assumed.queuePollSeconds;
  return [
    { name: 'polls for notices', price: 'aws.sqs.request', units: polls, basis: 'assumed' },
    {
      ...{ name: 'keys of table and stream', price: 'aws.kms.request', basis: 'assumed' },
      units: kmsSlots * (1 + partitions * (isQuiet ? 1 : 2)),
    },
    {
      ...{ name: 'metrics of alarms', price: 'aws.alarm-month' },
      ...{ units: alarmMetrics, basis: 'computed' },
    },
    {
      ...{ name: 'figures as metrics', price: 'aws.metric-month', basis: 'computed' },
      units: isQuiet ? figures.quiet : figures.all,
    },
    { name: 'logs', price: 'aws.logs.in-gb', units: logBytes / gigabyte, basis: 'assumed' },
    {
      ...{ name: 'logs, kept', price: 'aws.logs.gb-month', basis: 'assumed' },
      units: (logBytes * assumed.logStoredShare) / gigabyte,
    },
    {
      ...{ name: 'answers', price: 'aws.egress-gb', basis: 'measured' },
      units: answers / gigabyte,
    },
  ];
}

function logBytesOf(workload: Workload, loads: readonly Load[], isQuiet: boolean): number {
  const invocations =
    perMonth(loads, (load) => load.batchesPerSecond) +
    minutesPerMonth +
    workload.queriesPerSecond * secondsPerMonth;
  const functions = isQuiet ? 1 : 2;
  const lines = functions * minutesPerMonth * assumed.minuteLogBytes;
  return invocations * assumed.invocationLogBytes + lines;
}

/** What Firehose and S3 bill for a copy of all records, kept for a month. */
export function archiveMeters({ archive }: Workload, loads: readonly Load[]): Meter[] {
  if (!archive) return [];
  const billed = perMonth(loads, ({ recordsPerSecond, recordBytes }) => {
    return recordsPerSecond * Math.ceil(recordBytes / firehoseBytes) * firehoseBytes;
  });
  const bytes = perMonth(loads, (load) => load.recordsPerSecond * load.recordBytes);
  const objects = Math.max(secondsPerMonth / assumed.objectSeconds, bytes / assumed.objectBytes);
  return [
    {
      ...{ name: 'archive, data in', price: 'aws.firehose.in-gb' },
      ...{ units: billed / gigabyte, basis: 'computed' },
    },
    { name: 'archive, objects', price: 'aws.s3.put', units: objects, basis: 'assumed' },
    {
      ...{ name: 'archive, kept', price: 'aws.s3.gb-month' },
      ...{ units: bytes / gigabyte, basis: 'computed' },
    },
  ];
}
