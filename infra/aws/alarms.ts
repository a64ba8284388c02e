import type { Stack } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { Retention } from './conditions.ts';
import { forms, idOf, type MadeFunction, namedBy } from './functions.ts';
import type { Parameters } from './parameters.ts';
import type { FunctionName } from './rights.ts';
import { namespace, type Places } from './settings.ts';

/** A metric as an alarm reads it: a service's own, or a figure of the app. */
interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** An alarm over the sum of some metrics. */
interface Alarm {
  readonly name: string;
  readonly description: string;
  readonly metrics: readonly Metric[];
  readonly statistic: 'Maximum' | 'Sum';
  /** In each of so many parts of a quarter of an hour; 1 if it is not said. */
  readonly parts?: 3;
  /** What is measured is divided by this; 1 if it is not said. */
  readonly per?: number;
  /** More than this raises the alarm. */
  readonly threshold: number;
  /** Less than the threshold raises it, and so does silence. */
  readonly isLeast?: true;
}

/** What alarms look at. */
export interface AlarmsParts {
  readonly parameters: Parameters;
  readonly retention: Retention;
  readonly places: Places;
  readonly poison: CfnQueue;
  readonly functions: Readonly<Record<FunctionName, MadeFunction>>;
  /** What hands the records of the stream to `process`. */
  readonly mapping: CfnEventSourceMapping;
}

const windowSeconds = 900;

/** Figures of the app that alarms look at: they must be metrics, not only lines of the log. */
export const watched = {
  lag: 'lag_seconds',
  watermark: 'watermark_lag_seconds',
  'dead-letters': 'dead_lettered_events',
  lost: 'lost_records',
  maintenance: 'maintain_failures',
  failures: 'process_failures',
} as const;

function figure(name: keyof typeof watched): readonly Metric[] {
  return [{ namespace, name: watched[name], dimensions: {} }];
}

function ofApp({ parameters }: AlarmsParts): readonly Alarm[] {
  return [
    {
      name: 'lag',
      description: 'A partition has been behind for fifteen minutes.',
      ...{ metrics: figure('lag'), statistic: 'Maximum', parts: 3 },
      threshold: parameters.lagSecondsMax.valueAsNumber,
    },
    {
      name: 'watermark',
      description: 'A watermark has stood far behind the clock for fifteen minutes.',
      ...{ metrics: figure('watermark'), statistic: 'Maximum', parts: 3 },
      threshold: parameters.watermarkLagSecondsMax.valueAsNumber,
    },
    {
      name: 'dead-letters',
      description: 'Events could not be counted; each is kept with its reason.',
      ...{ metrics: figure('dead-letters'), statistic: 'Sum', threshold: 0 },
    },
    {
      name: 'lost',
      description: 'The stream dropped records before they were read: its retention is too short.',
      ...{ metrics: figure('lost'), statistic: 'Sum', threshold: 0 },
    },
    {
      name: 'maintenance',
      description: 'Maintenance failed by more than a passing fault; a partition may stand still.',
      ...{ metrics: figure('maintenance'), statistic: 'Sum', threshold: 0 },
    },
  ];
}

function ofFunctions({ functions, retention }: AlarmsParts): readonly Alarm[] {
  const metric = (name: string, ...of: readonly FunctionName[]): readonly Metric[] =>
    of.map((one) => ({
      ...{ namespace: 'AWS/Lambda', name },
      dimensions: { FunctionName: functions[one].lambda.ref },
    }));
  const all = Object.keys(functions) as FunctionName[];
  return [
    {
      name: 'silence',
      description: 'Maintenance has not run for fifteen minutes, so the other alarms are blind.',
      metrics: metric('Invocations', 'maintain'),
      ...{ statistic: 'Sum', threshold: 1, isLeast: true },
    },
    {
      name: 'expiring',
      description: 'Records wait for half of the time that the stream keeps them.',
      ...{ metrics: metric('IteratorAge', 'process'), statistic: 'Maximum', per: 1_000 },
      threshold: retention.halfSeconds,
    },
    {
      name: 'failures',
      description:
        'Functions fail and are retried: a store, the queue or the stream is out of reach.',
      metrics: [
        // A batch that is answered as failed is no error to Lambda.
        ...figure('failures'),
        ...metric('Errors', 'process', 'maintain', 'poison'),
        ...metric('Url5xxCount', 'ingest', 'query'),
      ],
      ...{ statistic: 'Sum', threshold: 5 },
    },
    {
      name: 'throttled',
      description: 'Lambda starts no more instances: the account or a reservation is used up.',
      ...{ metrics: metric('Throttles', ...all), statistic: 'Sum', threshold: 10 },
    },
    ...(['process', 'maintain'] as const).map((name) => ({
      name: `${name}-duration`,
      description: `${idOf(name)} has come near to the time after which Lambda ends it.`,
      ...{ metrics: metric('Duration', name), statistic: 'Maximum' as const, per: 1_000 },
      threshold: forms[name].timeoutSeconds * 0.9,
    })),
  ];
}

function ofServices({ places, poison, mapping }: AlarmsParts): readonly Alarm[] {
  const table = { TableName: places.table.ref };
  const stream = { StreamName: places.stream.ref };
  return [
    {
      name: 'put-aside',
      description: 'Records were put aside shortly before they expired: they are not counted.',
      metrics: ['OnFailureDestinationDeliveredEventCount', 'DroppedEventCount'].map((name) => ({
        ...{ namespace: 'AWS/Lambda', name },
        dimensions: { EventSourceMappingUUID: mapping.ref },
      })),
      ...{ statistic: 'Sum', threshold: 0 },
    },
    {
      name: 'poison',
      description: 'A notice of dead letters failed five times; nobody takes it up by itself.',
      metrics: [
        {
          ...{ namespace: 'AWS/SQS', name: 'ApproximateNumberOfMessagesVisible' },
          dimensions: { QueueName: poison.attrQueueName },
        },
      ],
      ...{ statistic: 'Maximum', threshold: 0 },
    },
    {
      name: 'state-throttled',
      description: 'DynamoDB refuses requests: a partition or the table is at its limit.',
      metrics: ['ReadThrottleEvents', 'WriteThrottleEvents'].map((name) => {
        return { namespace: 'AWS/DynamoDB', name, dimensions: table };
      }),
      ...{ statistic: 'Sum', threshold: 100 },
    },
    {
      name: 'stream-throttled',
      description: 'Kinesis refuses requests: more shards are needed.',
      metrics: ['ReadProvisionedThroughputExceeded', 'WriteProvisionedThroughputExceeded'].map(
        (name) => ({ namespace: 'AWS/Kinesis', name, dimensions: stream }),
      ),
      ...{ statistic: 'Sum', threshold: 100 },
    },
  ];
}

/** Makes all alarms, which tell the topic when they are raised and when they are over. */
export function alarmsIn(stack: Stack, topicArn: string, parts: AlarmsParts): readonly CfnAlarm[] {
  const all = [...ofApp(parts), ...ofFunctions(parts), ...ofServices(parts)];
  return all.map((alarm) => alarmIn(stack, alarm, topicArn));
}

function alarmIn(stack: Stack, alarm: Alarm, topicArn: string): CfnAlarm {
  const { name, description, parts = 1, threshold, isLeast = false } = alarm;
  return new CfnAlarm(stack, `${name.split('-').map(idOf).join('')}Alarm`, {
    alarmName: namedBy(name),
    alarmDescription: description,
    ...measured(alarm, windowSeconds / parts),
    evaluationPeriods: parts,
    datapointsToAlarm: parts,
    threshold,
    comparisonOperator: isLeast ? 'LessThanThreshold' : 'GreaterThanThreshold',
    treatMissingData: isLeast ? 'breaching' : 'notBreaching',
    alarmActions: [topicArn],
    okActions: [topicArn],
  });
}

/** One metric as it is, or what is computed from several: an alarm costs as much as it has metrics. */
function measured(
  { metrics, statistic, per = 1 }: Alarm,
  period: number,
): Partial<ConstructorParameters<typeof CfnAlarm>[2]> {
  const all = metrics.map(({ namespace, name, dimensions }) => ({
    namespace,
    metricName: name,
    dimensions: Object.entries(dimensions).map(([name, value]) => ({ name, value })),
  }));
  const [only] = all;
  if (all.length === 1 && only !== undefined && per === 1) return { ...only, statistic, period };
  const queries = all.map((metric, i) => ({
    id: `m${i + 1}`,
    metricStat: { metric, stat: statistic, period },
    returnData: false,
  }));
  // A sum is of those that have a value; a function that was not called has none.
  const expression = per === 1 ? 'SUM(METRICS())' : `SUM(METRICS()) / ${per}`;
  return { metrics: [...queries, { id: 'all', expression, label: 'all', returnData: true }] };
}
