import { call, type Expression, idOf, type Resource, resource, type Value } from './arm.ts';
import { cosmosAccount } from './cosmos.ts';
import { eventHubsNamespace } from './event-hubs.ts';
import { actionGroup, insights, workspace } from './monitoring.ts';
import { localName } from './names.ts';
import { given } from './parameters.ts';

/** How often rules look, and how far back. Oftener costs more. */
const every = 'PT15M';

/** An alert over what the app and its host write to the log. */
interface LogAlert {
  readonly name: string;
  readonly description: string;
  readonly severity: number;
  /** The figure looked at, or a text in the lines that are counted. */
  readonly of: { readonly figure: string } | { readonly lines: string };
  /** Over the values of a window: the smallest is over the threshold only if all are. */
  readonly aggregation: 'Minimum' | 'Maximum' | 'Total' | 'Count';
  readonly operator: 'GreaterThan' | 'LessThan';
  readonly threshold: Value;
}

const logAlerts: readonly LogAlert[] = [
  {
    name: 'lag',
    description: 'A partition has been behind for fifteen minutes.',
    severity: 2,
    of: { figure: 'lag_seconds' },
    ...{ aggregation: 'Minimum', operator: 'GreaterThan', threshold: given('lagSecondsMax') },
  },
  {
    name: 'watermark',
    description: 'A watermark has stood far behind the clock for fifteen minutes.',
    severity: 3,
    of: { figure: 'watermark_lag_seconds' },
    ...{ aggregation: 'Minimum', operator: 'GreaterThan' },
    threshold: given('watermarkLagSecondsMax'),
  },
  {
    name: 'dead-letters',
    description: 'Events could not be counted; each is kept with its reason.',
    severity: 3,
    of: { figure: 'dead_lettered_events' },
    ...{ aggregation: 'Total', operator: 'GreaterThan', threshold: 0 },
  },
  {
    name: 'lost',
    description: 'The stream dropped records before they were read: its retention is too short.',
    severity: 1,
    of: { figure: 'lost_records' },
    ...{ aggregation: 'Total', operator: 'GreaterThan', threshold: 0 },
  },
  {
    name: 'maintenance',
    description: 'Maintenance failed by more than a passing fault; a partition may stand still.',
    severity: 1,
    of: { figure: 'maintain_failures' },
    ...{ aggregation: 'Total', operator: 'GreaterThan', threshold: 0 },
  },
  {
    name: 'poison',
    description: 'Notices of dead letters failed five times; nobody takes them up by itself.',
    severity: 2,
    // Azure has no metric of the length of one queue.
    of: { figure: 'poisoned_notices' },
    ...{ aggregation: 'Maximum', operator: 'GreaterThan', threshold: 0 },
  },
  {
    name: 'silence',
    description: 'Maintenance has not run for fifteen minutes, so the other alerts are blind.',
    severity: 1,
    of: { lines: '"millrace":"maintained"' },
    ...{ aggregation: 'Count', operator: 'LessThan', threshold: 1 },
  },
];

/** An alert over a metric that the platform keeps. */
interface MetricAlert {
  readonly name: string;
  readonly description: string;
  readonly on: Resource;
  readonly metric: string;
  readonly aggregation: 'Count' | 'Total';
  readonly dimension?: readonly [name: string, value: string];
  /** More than this in a window. */
  readonly threshold: number;
}

const metricAlerts: readonly MetricAlert[] = [
  {
    name: 'failures',
    description: 'Functions fail and are retried: a store, the queue or the hub is out of reach.',
    on: insights,
    metric: 'requests/failed',
    aggregation: 'Count',
    threshold: 5,
  },
  {
    name: 'state-throttled',
    description: 'Cosmos DB refuses requests: its throughput is used up.',
    on: cosmosAccount,
    metric: 'TotalRequests',
    aggregation: 'Count',
    dimension: ['StatusCode', '429'],
    threshold: 100,
  },
  {
    name: 'stream-throttled',
    description: 'Event Hubs refuses requests: more throughput units are needed.',
    on: eventHubsNamespace,
    metric: 'ThrottledRequests',
    aggregation: 'Total',
    threshold: 100,
  },
];

const hasMail = call('not', call('empty', given('alertEmail')));
const hasGroup = call('not', call('empty', given('actionGroupId')));

/** What those who are told are named by, in the form that a kind of alert wants. */
function groups(form: (id: Expression) => Value): Expression {
  return call(
    'concat',
    call('if', hasMail, [form(idOf(actionGroup))], []),
    call('if', hasGroup, [form(given('actionGroupId'))], []),
  );
}

/** Lines of the log that hold a text. */
function linesWith(text: string): string {
  return `AppTraces | where Message contains '${text}'`;
}

/** The values of a figure, from lines that hold all figures of a minute as JSON. */
function valuesOf(figure: string): string {
  const all = "parse_json(substring(Message, indexof(Message, '{'))).figures";
  const columns = ['pipeline', 'partition'].map((name) => `${name} = tostring(one.labels.${name})`);
  return [
    linesWith('"millrace":"figures"'),
    `mv-expand one = ${all}`,
    `where tostring(one.name) == '${figure}'`,
    `project TimeGenerated, value = todouble(one.value), ${columns.join(', ')}`,
  ].join(' | ');
}

const everyPartition = ['pipeline', 'partition'].map((name) => ({
  ...{ name, operator: 'Include', values: ['*'] },
}));

function logAlert(alert: LogAlert): Resource {
  const { of, aggregation: timeAggregation, operator, threshold } = alert;
  const asked =
    'lines' in of
      ? { query: linesWith(of.lines) }
      : { query: valuesOf(of.figure), metricMeasureColumn: 'value' };
  // A sum is one of all partitions; what is smallest in a window is asked of each.
  const dimensions = timeAggregation === 'Minimum' ? everyPartition : undefined;
  return resource('Microsoft.Insights/scheduledQueryRules@2023-12-01', localName(alert.name), {
    location: given('location'),
    tags: given('tags'),
    kind: 'LogAlert',
    properties: {
      displayName: localName(alert.name),
      description: alert.description,
      severity: alert.severity,
      enabled: true,
      scopes: [idOf(workspace)],
      evaluationFrequency: every,
      windowSize: every,
      criteria: {
        allOf: [
          {
            ...{ ...asked, timeAggregation, dimensions, operator, threshold },
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
          },
        ],
      },
      autoMitigate: true,
      // The table comes into being with the first line.
      skipQueryValidation: true,
      actions: { actionGroups: groups((id) => id) },
    },
  });
}

function metricAlert(alert: MetricAlert): Resource {
  const { on, metric, aggregation: timeAggregation, dimension, threshold } = alert;
  return resource(
    'Microsoft.Insights/metricAlerts@2018-03-01',
    localName(alert.name),
    {
      location: 'Global',
      tags: given('tags'),
      properties: {
        description: alert.description,
        severity: 2,
        enabled: true,
        scopes: [idOf(on)],
        evaluationFrequency: every,
        windowSize: every,
        criteria: {
          'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria',
          allOf: [
            {
              ...{ criterionType: 'StaticThresholdCriterion', name: alert.name },
              ...{ metricNamespace: on.type, metricName: metric, timeAggregation },
              ...{ operator: 'GreaterThan', threshold },
              dimensions: dimension && [
                { name: dimension[0], operator: 'Include', values: [dimension[1]] },
              ],
            },
          ],
        },
        autoMitigate: true,
        actions: groups((actionGroupId) => ({ actionGroupId })),
      },
    },
    { condition: on.condition },
  );
}

/** All alerts, and the group of those who are told. */
export const alerts: readonly Resource[] = [
  actionGroup,
  ...logAlerts.map(logAlert),
  ...metricAlerts.map(metricAlert),
];

/** What must be written to the log for the alerts to work: figures, and texts in lines. */
export const watched: readonly LogAlert['of'][] = logAlerts.map(({ of }) => of);
