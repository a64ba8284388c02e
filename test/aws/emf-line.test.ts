import { describe, expect, it } from 'vitest';
import { emfLine } from '../../adapters/aws/emf-line.ts';
import { type Figure, MemoryTelemetry } from '../../adapters/memory/memory-telemetry.ts';
import { emfProblems } from './emf-schema.ts';

const lineOf = (figures: readonly Figure[]): string =>
  emfLine('Millrace/test', figures, 1_790_000_000_000);

/** The figures of a minute with many partitions. */
function figures(partitions: number): Figure[] {
  const telemetry = new MemoryTelemetry();
  for (let partition = 0; partition < partitions; partition += 1) {
    const labels = { pipeline: 'flights', partition: String(partition) };
    telemetry.gauge('lag_seconds', partition / 2, labels);
    telemetry.count('process_events', 10, labels);
    telemetry.count('process_entry_bytes', 1_000, labels);
  }
  return telemetry.figures();
}

describe('a line of figures for CloudWatch', () => {
  it('is what the specification of the format asks for', () => {
    expect(emfProblems(lineOf(figures(3)))).toEqual([]);
  });

  it('gives the sum of a counter and every value of a gauge, without dimensions', () => {
    const line = JSON.parse(lineOf(figures(3)));
    expect(line).toMatchObject({ process_events: 30, lag_seconds: [1, 0.5, 0] });
    expect(line._aws).toEqual({
      Timestamp: 1_790_000_000_000,
      CloudWatchMetrics: [
        {
          Namespace: 'Millrace/test',
          Dimensions: [[]],
          Metrics: [
            { Name: 'lag_seconds', Unit: 'Seconds' },
            { Name: 'process_events', Unit: 'Count' },
          ],
        },
      ],
    });
  });

  it('holds every figure with its labels, also those that are no metrics', () => {
    const { millrace, figures: shown, ...rest } = JSON.parse(lineOf(figures(2)));
    expect(millrace).toBe('figures');
    expect(shown).toHaveLength(6);
    expect(shown).toContainEqual({
      ...{ name: 'process_entry_bytes', value: 1_000, max: 1_000 },
      labels: { pipeline: 'flights', partition: '1' },
    });
    expect(rest).not.toHaveProperty('process_entry_bytes');
  });

  it('keeps the hundred largest of more values than the format takes', () => {
    const line = lineOf(figures(250));
    expect(emfProblems(line)).toEqual([]);
    const { lag_seconds, process_events } = JSON.parse(line);
    expect([lag_seconds.length, lag_seconds[0], process_events]).toEqual([100, 124.5, 2_500]);
  });

  it('gives the largest value of a distribution', () => {
    const telemetry = new MemoryTelemetry();
    for (const value of [3, 9, 4]) telemetry.record('lag_seconds', value, {});
    expect(JSON.parse(lineOf(telemetry.figures())).lag_seconds).toEqual([9]);
  });

  it('leaves out what is no number, and says nothing of metrics where there are none', () => {
    const telemetry = new MemoryTelemetry();
    telemetry.gauge('lag_seconds', Number.NaN, {});
    telemetry.count('process_conflicts', 1, {});
    const line = JSON.parse(lineOf(telemetry.figures()));
    expect(Object.keys(line)).toEqual(['millrace', 'figures']);
  });
});

describe('the check of such lines finds', () => {
  const good = JSON.parse(lineOf(figures(1)));
  const directive = good._aws.CloudWatchMetrics[0];
  const having = (changed: object): string =>
    JSON.stringify({
      ...good,
      _aws: { ...good._aws, CloudWatchMetrics: [{ ...directive, ...changed }] },
    });

  it.each([
    ['no time', JSON.stringify({ ...good, _aws: { CloudWatchMetrics: [] } }), /Timestamp/],
    ['no set of dimensions', having({ Dimensions: [] }), /Dimensions/],
    ['a dimension that is not there', having({ Dimensions: [['stack']] }), /dimension stack/],
    ['a metric that is not there', having({ Metrics: [{ Name: 'nothing' }] }), /metric nothing/],
    ['another unit', having({ Metrics: [{ Name: 'lag_seconds', Unit: 'Hours' }] }), /Unit/],
    ['too many values', JSON.stringify({ ...good, lag_seconds: Array(101).fill(1) }), /up to 100/],
    ['a text for a value', JSON.stringify({ ...good, lag_seconds: '1' }), /metric lag_seconds/],
  ])('%s', (_, line, problem) => {
    expect(emfProblems(line).join('\n')).toMatch(problem);
  });
});
