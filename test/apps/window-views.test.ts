import { Compile } from 'typebox/schema';
import { expect, it } from 'vitest';
import { fixedSchemas } from '../../adapters/http/schemas.ts';
import { listViews } from '../../adapters/http/views.ts';
import { windowPipelines } from '../golden/window-pipelines.ts';

it('views of every kind of window are listed as the interface describes them', () => {
  const pipelines = Object.values(windowPipelines);
  const served = pipelines.map(({ plan }) => ({ plan, reader: null as never }));
  const { views } = listViews(served) as { views: { window: { kind: string } }[] };
  const validator = Compile(fixedSchemas['Views'] as never);
  expect(validator.Errors({ views })[1]).toEqual([]);
  const windows = views.map(({ window }) => window);
  expect(windows).toContainEqual({
    ...{ kind: 'hopping', seconds: 600, slideSeconds: 300, offsetSeconds: 0 },
  });
  expect(windows).toContainEqual({ kind: 'session', gapSeconds: 300, longestSeconds: 3_600 });
  expect(windows).toContainEqual({ kind: 'days', zone: 'Europe/Berlin' });
  expect(windows).toContainEqual({ kind: 'weeks', zone: 'Europe/Berlin', startsOn: 'sunday' });
  expect(windows).toContainEqual({ kind: 'global' });
  for (const window of [...windows, { kind: 'other' }]) {
    const view = { ...views[0], window: { kind: window.kind } };
    // A window that is told by its kind alone has nothing else to tell.
    expect(validator.Check({ views: [view] })).toBe(window.kind === 'global');
  }
});
