import type { Figure } from '../memory/memory-telemetry.ts';

/**
 * Figures that become metrics, whatever their labels: what alarms look at and what shows how much is done. A metric
 * costs by its name, and ten are free; all other figures are in the line too, for queries of the log.
 */
export const metricNames: readonly string[] = [
  'lag_seconds',
  'watermark_lag_seconds',
  'process_events',
  'process_entries',
  'dead_lettered_events',
  'process_failures',
  'lost_records',
  'maintain_failures',
  'compaction_backlog_entries',
];

/** Values of one metric in one line. */
const valuesMax = 100;

const units: readonly (readonly [ending: RegExp, unit: string])[] = [
  [/_seconds$/, 'Seconds'],
  [/_ms$/, 'Milliseconds'],
  [/_bytes$/, 'Bytes'],
];

/**
 * Figures as one line of JSON in the embedded metric format, from which CloudWatch takes its metrics:
 * `{"_aws":{…},"lag_seconds":[4,0],"millrace":"figures","figures":[{"name","labels","value","max"}, …]}`.
 *
 * A counter is the sum over its labels. A gauge is a list of values, the hundred largest at most; a distribution is
 * the list of its largest ones, since the format has no statistics. The metrics have no dimensions: each would be one
 * more metric to pay for.
 *
 * `namespace`: that of the metrics in CloudWatch. `now`: epoch milliseconds.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function emfLine(namespace: string, figures: readonly Figure[], now: number): string {
  const metrics = new Map<string, number | number[]>();
  for (const name of metricNames) {
    const named = figures.filter((one) => one.name === name && Number.isFinite(one.value));
    if (named.length > 0) metrics.set(name, metricOf(named));
  }
  const directive = {
    Namespace: namespace,
    Dimensions: [[]],
    Metrics: [...metrics.keys()].map((Name) => ({ Name, Unit: unitOf(Name) })),
  };
  const shown = figures.map(({ name, labels, value, max }) => ({ name, labels, value, max }));
  return JSON.stringify({
    // A line of no metrics is only a line.
    ...(metrics.size === 0 ? {} : { _aws: { Timestamp: now, CloudWatchMetrics: [directive] } }),
    ...Object.fromEntries(metrics),
    ...{ millrace: 'figures', figures: shown },
  });
}

function metricOf(named: readonly Figure[]): number | number[] {
  if (named[0]?.kind === 'count') return named.reduce((sum, { value }) => sum + value, 0);
  const values = named.map(({ kind, value, max }) => (kind === 'gauge' ? value : max));
  return values.sort((a, b) => b - a).slice(0, valuesMax);
}

function unitOf(name: string): string {
  return units.find(([ending]) => ending.test(name))?.[1] ?? 'Count';
}
