import { CfnParameter, type Stack } from 'aws-cdk-lib';

/** A parameter that is declared below: its description, default and bounds. */
type Declared = Omit<ConstructorParameters<typeof CfnParameter>[2], 'noEcho'>;

function whole(
  description: string,
  defaultValue: number,
  minValue: number,
  maxValue: number,
): Declared {
  return { type: 'Number', description, default: defaultValue, minValue, maxValue };
}

function text(description: string, defaultValue?: string): Declared {
  return {
    ...{ type: 'String', description },
    ...(defaultValue === undefined ? { minLength: 1 } : { default: defaultValue }),
  };
}

function oneOf(description: string, [first, ...rest]: readonly [unknown, ...unknown[]]): Declared {
  const allowedValues = [first, ...rest].map(String);
  const type = typeof first === 'number' ? 'Number' : 'String';
  return { type, description, default: first, allowedValues };
}

/** All that a user may set. What is left out of a later deployment stays as it was set before. */
const declared = {
  codeBucket: text('The bucket that the package is in.'),
  codeKey: text('The package in it. A new one has a new name.'),
  shards: whole(
    'Shards of the stream: each takes in 1 MB or 1,000 records per second; 0 for on demand.',
    4,
    0,
    500,
  ),
  retentionHours: oneOf(
    'How long the stream keeps records; entries live twice as long, two days at least.',
    [24, 48, 72, 96, 120, 144, 168],
  ),
  enhancedFanOut: oneOf(
    'Whether the stream pushes records to the app at once, instead of being asked every second.',
    ['false', 'true'],
  ),
  batchWindowSeconds: whole(
    'How long records may wait for others to share their batch: fewer batches, older answers.',
    0,
    0,
    60,
  ),
  bucketCount: whole('Buckets that keys are spread over: fixed for a generation.', 256, 1, 65_536),
  processMemoryMB: whole(
    'Memory of an instance of process; its share of a core grows with it.',
    1_024,
    128,
    10_240,
  ),
  httpMemoryMB: whole('Memory of an instance of ingest or query.', 512, 128, 10_240),
  maintainMemoryMB: whole('Memory of an instance of maintain or poison.', 512, 128, 10_240),
  processReserved: whole(
    'Instances that are reserved for process, and the most of it; 0 for no reservation.',
    0,
    0,
    1_000,
  ),
  httpReserved: whole(
    'Instances that are reserved for ingest and for query, and the most of each; 0 for no reservation.',
    0,
    0,
    1_000,
  ),
  httpProvisioned: whole(
    'Instances of ingest and of query that are kept warm (billed all the time).',
    0,
    0,
    1_000,
  ),
  results: oneOf(
    'Where views that publish to `results` send their rows: a queue or a stream of the stack, or a webhook.',
    ['queue', 'stream', 'webhook'],
  ),
  resultsShards: whole('Shards of the stream of results, if there is one.', 1, 1, 500),
  // Both are part of the description of a version, which has 256 characters at most.
  resultsWebhook: {
    ...text('The https address of the webhook of results, if there is one.', ''),
    maxLength: 100,
  },
  resultsSignedBy: {
    ...text(
      'The name of the secret in Secrets Manager that signs what goes to the webhook of results.',
      'millrace-results',
    ),
    maxLength: 40,
  },
  keptDays: whole(
    'After how many days dead letters and late events are removed, also if still listed; 0 for never.',
    0,
    0,
    3_650,
  ),
  logDays: oneOf('How long logs are kept.', [30, 1, 3, 7, 14, 60, 90, 180, 365, 731]),
  alertEmail: text('Where alarms are mailed to; empty for nowhere.', ''),
  lagSecondsMax: whole('Seconds of lag, for fifteen minutes, that raise an alarm.', 300, 1, 86_400),
  watermarkLagSecondsMax: whole(
    'Seconds that a watermark may be behind the clock, for fifteen minutes, without an alarm.',
    3_600,
    1,
    2_592_000,
  ),
} satisfies Readonly<Record<string, Declared>>;

/** The parameters of a stack by name. */
export type Parameters = Readonly<Record<keyof typeof declared, CfnParameter>>;

/** Declares all parameters in a stack. */
export function parametersIn(stack: Stack): Parameters {
  const made = Object.entries(declared).map(([name, properties]) => {
    return [name, new CfnParameter(stack, name, properties)];
  });
  return Object.fromEntries(made);
}
