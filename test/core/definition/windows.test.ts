import {
  days,
  definePipeline,
  global,
  hopping,
  months,
  session,
  tumbling,
  type Window,
  weeks,
} from 'millrace';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../../core/errors.ts';
import type { Plan } from '../../../core/plan.ts';

const schema = Type.Object({ id: Type.String(), at: Type.Integer(), who: Type.String() });

/** A pipeline of one view with such windows; all ids are remembered for a year unless `changes` says otherwise. */
function define(window: unknown, view: object = {}, changes: object = {}): Plan {
  return definePipeline({
    ...{ name: 'x', schema, id: 'id', time: 'at', partitionKey: 'who' },
    ...{ dedupe: { within: '365d' as const }, ...changes },
    views: (on) => ({
      v: on.view({ key: ['who'], window: window as Window, measures: { c: on.count() }, ...view }),
    }),
  }).plan;
}

function problemsOf(...definition: Parameters<typeof define>): readonly string[] {
  try {
    define(...definition);
    return [];
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'definition') return error.problems;
    throw error;
  }
}

describe('windows of every kind are refused where they', () => {
  it.each<[string, unknown, string]>([
    [
      'have an offset of the whole size',
      tumbling('1h', { offset: '1h' }),
      "offset must be a duration from 0s to below the size, not '1h'",
    ],
    [
      'have a negative offset',
      tumbling('1h', { offset: '-1m' }),
      "offset must be a duration from 0s to below the size, not '-1m'",
    ],
    [
      'have an option that is none',
      { ...tumbling('1h'), slide: '5m' },
      "'slide' is not an option of tumbling windows",
    ],
    [
      'hop by no part of their size',
      hopping({ size: '1h', slide: '7m' }),
      "the size of a hopping window must be a multiple of its slide; '1h' is none of '7m'",
    ],
    [
      'hop over time',
      hopping({ size: '5m', slide: '10m' }),
      "the size of a hopping window must be a multiple of its slide; '5m' is none of '10m'",
    ],
    [
      'hop by nothing',
      hopping({ size: '5m', slide: '0s' }),
      "slide of the window must be a duration over 0, not '0s'",
    ],
    [
      'have no slide',
      { kind: 'hopping', size: '5m' },
      'slide of the window must be a duration over 0, not nothing',
    ],
    [
      'have an offset of the whole slide',
      hopping({ size: '10m', slide: '5m', offset: '5m' }),
      "offset must be a duration from 0s to below the slide, not '5m'",
    ],
    [
      'have no gap',
      session({ gap: '0ms' }),
      "gap of the session must be a duration over 0, not '0ms'",
    ],
    [
      'are sessions of at most one gap',
      session({ gap: '5m', longest: '5m' }),
      "the longest session must be a multiple of its gap, and more than one; '5m' is none of '5m'",
    ],
    [
      'are cut within a gap',
      session({ gap: '7m', longest: '24h' }),
      "the longest session must be a multiple of its gap, and more than one; '24h' is none of '7m'",
    ],
    [
      'are days of nowhere',
      days('Mars/Olympus_Mons'),
      "the time zone must be an IANA name such as 'Europe/Berlin', not 'Mars/Olympus_Mons'",
    ],
    [
      'are months without a zone',
      { kind: 'months' },
      "the time zone must be an IANA name such as 'Europe/Berlin', not nothing",
    ],
    [
      'are weeks that start on no day',
      weeks('UTC', { startsOn: 'funday' as never }),
      "startsOn must be a day of the week such as 'sunday', not 'funday'",
    ],
    [
      'are months that start on a day of the week',
      { ...months('UTC'), startsOn: 'monday' },
      "'startsOn' is not an option of months windows",
    ],
  ])('%s', (_, window, problem) => {
    expect(problemsOf(window)).toEqual([`view 'v': ${problem}`]);
  });
});

describe('the options of a view', () => {
  const long = 'retain must be at least window + lateness';

  it.each([
    [hopping({ size: '1h', slide: '5m' }), '65m', '66m'],
    [session({ gap: '5m', longest: '1h' }), '65m', '66m'],
    [session({ gap: '5m' }), '1444m', '1446m'],
    [days('Europe/Berlin'), '48h', '49h'],
    [weeks('Europe/Berlin'), '8d', '9d'],
    [months('Europe/Berlin'), '32d', '33d'],
  ] as const)('keep %o for as long as it may take', (window, short, enough) => {
    const lateness = '6m';
    expect(problemsOf(window, { lateness, retain: short })).toEqual([`view 'v': ${long}`]);
    expect(problemsOf(window, { lateness, retain: enough })).toEqual([]);
  });

  it('make no sense for a window without end', () => {
    const none = (option: string) => `view 'v': a global window has no end: leave ${option} out`;
    expect(problemsOf(global(), { lateness: '1h' })).toEqual([none('lateness')]);
    expect(problemsOf(global(), { retain: '365d' })).toEqual([none('retain')]);
    const derive = (row: { perSecond(of: string): unknown }) => ({ rate: row.perSecond('c') });
    expect(problemsOf(global(), { derive })).toEqual([
      "view 'v': a global window has no length: there is no perSecond over it",
    ]);
  });
});

describe('ids are remembered by default', () => {
  const horizon = (window: Window) =>
    define(window, { lateness: '10m' }, { dedupe: undefined }).horizon / 60_000;

  it('for the longest pane and the lateness, since a duplicate is late then', () => {
    expect(horizon(tumbling('20m', { offset: '5m' }))).toBe(30);
    expect(horizon(hopping({ size: '24h', slide: '5m' }))).toBe(15);
    expect(horizon(session({ gap: '3h' }))).toBe(10);
  });

  it('not at all where that is over an hour: it must be stated', () => {
    const stated = (window: Window) => problemsOf(window, {}, { dedupe: undefined });
    expect(stated(days('Europe/Berlin'))).toEqual([expect.stringMatching(/^dedupe: .*172800s/)]);
    expect(stated(global())).toEqual([expect.stringMatching(/^dedupe: .*\(for ever\)/)]);
  });
});

describe('the shape of stored rows', () => {
  const shape = (window: Window) => define(window).shape;

  it('changes with the panes', () => {
    const shapes = [
      tumbling('5m'),
      tumbling('5m', { offset: '1m' }),
      tumbling('10m'),
      session({ gap: '5m' }),
      session({ gap: '10m' }),
      days('UTC'),
      days('Europe/Berlin'),
      weeks('UTC'),
      weeks('UTC', { startsOn: 'sunday' }),
      months('UTC'),
      global(),
    ].map(shape);
    expect(new Set(shapes).size).toBe(shapes.length);
  });

  it('stays where only the reading changes', () => {
    expect(shape(tumbling('5m', { offset: '0s' }))).toBe(shape(tumbling('5m')));
    expect(shape(hopping({ size: '1h', slide: '5m' }))).toBe(shape(tumbling('5m')));
    const short = session({ gap: '5m', longest: '1h' });
    expect(shape(short)).toBe(shape(session({ gap: '5m' })));
  });
});
