import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultPacking } from '../../core/publish/packing-options.ts';
import { evaluate, type TemplateJson } from '../../infra/azure/evaluate.ts';
import { templateText } from '../../infra/azure/template.ts';
import { costsIn, rowsUnder } from './page.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/deploy-azure.md'), 'utf8');
const template: TemplateJson = JSON.parse(templateText());

describe('the page about Azure', () => {
  it('lists every parameter with its default', () => {
    const rows = rowsUnder(page, 'Parameters').slice(1);
    expect(rows.map(([name]) => name)).toEqual(Object.keys(template.parameters));
    const words: Record<string, unknown> = { none: '', nowhere: '' };
    for (const [name = '', , shown = ''] of rows) {
      const { defaultValue } = template.parameters[name]!;
      if (typeof defaultValue === 'object' || name === 'location') continue;
      expect(String(words[shown] ?? shown), name).toBe(String(defaultValue));
    }
  });

  it('lists every alert', () => {
    const rules = evaluate(template).filter(({ type }) =>
      /scheduledQueryRules|metricAlerts/.test(type),
    );
    const shown = rowsUnder(page, 'Alerts')
      .slice(1)
      .map(([name]) => `millrace-${name}`);
    expect(shown.sort()).toEqual(rules.map(({ name }) => name).sort());
  });

  it('names every kind of right that the app has', () => {
    const granted = evaluate(template).filter(({ type }) => /roleAssignments$/.test(type));
    const kinds = granted.flatMap(({ properties }) => {
      const { description } = properties as { readonly description?: string };
      return description === undefined ? [] : [description.split(':')[0]!];
    });
    expect(kinds.length).toBeGreaterThan(8);
    for (const kind of kinds) expect(page).toContain(kind);
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

  it('states what the costs rest on as host.json has it', () => {
    const { eventHubs } = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8')).extensions;
    expect(eventHubs).toMatchObject({ maxWaitTime: '00:00:01', batchCheckpointFrequency: 16 });
  });

  it('states what a batch and what waits for it weigh, by host.json and the publisher', () => {
    const { eventHubs } = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8')).extensions;
    const { maxEventBatchSize, prefetchCount } = eventHubs;
    const megabytes = (records: number): number =>
      Math.round((records * defaultPacking.packBytesMax) / 1_000_000);
    for (const [records, name] of [
      [maxEventBatchSize, 'maxEventBatchSize'],
      [prefetchCount, 'prefetchCount'],
    ]) {
      const count = records.toLocaleString('en-US');
      expect(page).toContain(`${count} records (\`${name}\`)`);
      expect(page).toContain(`${megabytes(records)} MB`);
    }
    // Both of one partition fit into the instance that the template makes.
    expect(megabytes(maxEventBatchSize + prefetchCount)).toBeLessThan(
      Number(template.parameters['instanceMemoryMB']!.defaultValue) / 2,
    );
  });
});
