import { type Body, call, parameter } from './arm.ts';

function text(description: string, defaultValue: Body[string], more: Body = {}): Body {
  return { type: 'string', defaultValue, ...more, metadata: { description } };
}

/** A template can't refuse what lies between steps, and Azure does so late: what deploys it reads them here. */
function whole(
  description: string,
  defaultValue: number,
  minValue: number,
  maxValue: number,
  step = 1,
): Body {
  const metadata = { description, ...(step > 1 && { step }) };
  return { type: 'int', defaultValue, minValue, maxValue, metadata };
}

function oneOf(description: string, allowedValues: readonly (string | number)[]): Body {
  const [defaultValue = ''] = allowedValues;
  const type = typeof defaultValue === 'number' ? 'int' : 'string';
  return { type, defaultValue, allowedValues, metadata: { description } };
}

/** Parameters of the template. All have a default, so that one command deploys. */
export const parameters = {
  name: text(
    'Begins the name of every resource: 3 to 10 letters and digits, a letter first.',
    'millrace',
    { minLength: 3, maxLength: 10 },
  ),
  location: text('The region of all resources.', call('resourceGroup').get('location')),
  tags: {
    type: 'object',
    defaultValue: {},
    metadata: { description: 'Tags of all resources.' },
  },
  partitions: whole(
    'Partitions of the hub: fixed once it is made, and the number of processors at work at once.',
    4,
    1,
    32,
  ),
  retentionHours: whole('How long the hub keeps events; entries live twice as long.', 168, 1, 168),
  throughputUnits: whole(
    'Throughput units: each takes in 1 MB or 1,000 records per second.',
    1,
    1,
    40,
  ),
  throughputUnitsMax: whole(
    'Up to how many throughput units the namespace may grow by itself (it never shrinks by itself); 0 for not.',
    4,
    0,
    40,
  ),
  bucketCount: whole('Buckets that keys are spread over: fixed for a generation.', 256, 1, 65_536),
  stateStore: oneOf('Where the journal is kept.', ['cosmos', 'blob']),
  cosmosAutoscaleMax: whole(
    'Request units per second that the container may scale up to, in steps of 1,000; 0 for serverless.',
    0,
    0,
    1_000_000,
    1_000,
  ),
  instanceMemoryMB: oneOf('Memory of one instance.', [2048, 512, 4096]),
  instanceCountMax: whole('The most instances of the app.', 40, 40, 1_000),
  alwaysReadyProcess: whole(
    'Instances of `process` that are kept warm (billed all the time).',
    0,
    0,
    20,
  ),
  alwaysReadyHttp: whole(
    'Instances of `ingest` and `query` that are kept warm (billed all the time).',
    0,
    0,
    20,
  ),
  results: oneOf(
    'Where views that publish to `results` send their rows: a queue or a hub of the app, or a webhook.',
    ['queue', 'stream', 'webhook'],
  ),
  resultsPartitions: whole('Partitions of the hub of results, if there is one.', 1, 1, 32),
  resultsWebhook: text('The https address of the webhook of results, if there is one.', ''),
  resultsSignedBy: text(
    'The name of the secret in the vault that signs what goes to the webhook of results.',
    'millrace-results',
  ),
  keptDays: whole(
    'After how many days dead letters and late events are removed, also if still listed; 0 for never.',
    0,
    0,
    3_650,
  ),
  logDays: whole('How long logs are kept.', 30, 30, 730),
  logGigabytesPerDayMax: whole(
    'Gigabytes of logs per day after which no more are taken in; -1 for no limit.',
    1,
    -1,
    1_000,
  ),
  vaultCreateMode: oneOf(
    'recover: take the vault back that was deleted with an earlier deployment of the same name.',
    ['default', 'recover'],
  ),
  alertEmail: text('Where alerts are mailed to; empty for nowhere.', ''),
  actionGroupId: text('The id of an action group of yours that alerts go to as well.', ''),
  lagSecondsMax: whole('Seconds of lag, for fifteen minutes, that raise an alert.', 300, 1, 86_400),
  watermarkLagSecondsMax: whole(
    'Seconds that a watermark may be behind the clock, for fifteen minutes, without an alert.',
    3_600,
    1,
    2_592_000,
  ),
} satisfies Body;

/** The value of a parameter in an expression. */
export function given(name: keyof typeof parameters): ReturnType<typeof parameter> {
  return parameter(name);
}
