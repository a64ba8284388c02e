import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { metricNames } from '../../adapters/aws/emf-line.ts';
import { evaluate, type TemplateJson } from '../../infra/aws/evaluate.ts';
import { ofCode, ofHost } from '../../infra/aws/rights.ts';
import { templatePaths } from '../../infra/aws/template.ts';
import { costsIn, rowsUnder } from './page.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/deploy-aws.md'), 'utf8');
const template: TemplateJson = JSON.parse(readFileSync(templatePaths.millrace, 'utf8'));
const parameters = { codeBucket: 'code', codeKey: 'key' };
const resources = evaluate(template, { stack: 'millrace', parameters });
const alarms = resources.filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');

describe('the page about AWS', () => {
  it('lists every parameter with its default', () => {
    const rows = rowsUnder(page, 'Parameters').slice(1);
    expect(rows.map(([name]) => name)).toEqual(Object.keys(template.Parameters));
    for (const [name = '', , shown = ''] of rows) {
      const { Default = 'none' } = template.Parameters[name]!;
      expect(shown, name).toBe(Default === '' ? 'nowhere' : String(Default));
    }
  });

  it('lists every alarm', () => {
    const shown = rowsUnder(page, 'Alarms').slice(1);
    const names = shown.flatMap(([name = '']) => name.split(', '));
    const made = alarms.map(({ Properties }) => String(Properties['AlarmName']));
    expect(names.map((name) => `millrace-${name}`).sort()).toEqual(made.sort());
  });

  it('names the rights of every function, place by place', () => {
    const rows = rowsUnder(page, 'What is made').filter(([, rights = '']) => /^\w+:/.test(rights));
    const listed = new Map<string, Set<string>>();
    let functions: string[] = [];
    for (const [first = '', rights = ''] of rows) {
      if (first !== '') functions = first.replace(', for the mapping', '').split(', ');
      for (const name of functions) {
        const known = listed.get(name) ?? new Set();
        for (const right of rights.match(/\w+:\w+/g) ?? []) known.add(right);
        listed.set(name, known);
      }
    }
    for (const name of Object.keys(ofCode) as (keyof typeof ofCode)[]) {
      const all = [ofCode[name], ofHost[name]].flatMap((rights) => Object.values(rights).flat());
      const chosen: Readonly<Record<string, readonly string[]>> = {
        process: ['kinesis:SubscribeToShard'],
        maintain: ['sqs:SendMessage', 'kinesis:PutRecords'],
      };
      expect([...(listed.get(name) ?? [])].sort(), name).toEqual(
        [...new Set([...all, ...(chosen[name] ?? [])])].sort(),
      );
    }
  });

  it('multiplies and adds its costs right', () => {
    const tables = costsIn(page);
    expect(tables).toHaveLength(2);
    for (const { rows, sum } of tables) {
      expect(rows.length).toBeGreaterThan(2);
      for (const { quantity, price, cost } of rows) {
        expect(Math.abs(quantity * price - cost)).toBeLessThan(0.006);
      }
      expect(rows.reduce((all, { cost }) => all + cost, 0)).toBeCloseTo(sum, 2);
    }
  });

  it('counts the metrics that alarms and figures are billed for', () => {
    const billed = alarms.map(({ Properties }) => {
      const queries = Properties['Metrics'] as readonly { MetricStat?: unknown }[] | undefined;
      return queries?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1;
    });
    const count = billed.reduce((sum, one) => sum + one, 0);
    expect(page.match(/^\| metrics of alarms, metric-months \| (\d+) \|/gm)).toEqual([
      ...Array(2).fill(`| metrics of alarms, metric-months | ${count} |`),
    ]);
    expect(page).toContain(`| figures as metrics, metric-months | ${metricNames.length} |`);
    expect(metricNames).toHaveLength(10);
    expect(page).toContain('Ten of them are metrics');
  });

  it('states batches and times as the template has them', () => {
    const records = resources.find(({ id }) => id === 'ProcessRecords')!.Properties;
    expect(records['BatchSize']).toBe(10_000);
    expect(page).toContain('up to 10,000 records');
    const process = resources.find(({ id }) => id === 'Process')!.Properties;
    const alarm = resources.find(({ id }) => id === 'ProcessDurationAlarm')!.Properties;
    expect(page).toContain(`${alarm['Threshold']} of ${process['Timeout']} seconds`);
  });
});
