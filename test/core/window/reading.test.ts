import {
  days,
  definePipeline,
  global,
  hopping,
  type Pipeline,
  session,
  type Window,
} from 'millrace';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import type { StreamRecord } from '../../../core/event.ts';
import { pageRange, partitionKeyOf } from '../../../core/journal/keys.ts';
import type { AnyRow } from '../../../core/query/answer.ts';
import { keptEvents } from '../../../core/query/kept.ts';
import type { AnyQuery } from '../../../core/query/query.ts';
import { removeExpired } from '../../../core/view/expire.ts';
import { World } from '../small-world.ts';

function pipelineOf(window: Window, view: object = {}): Pipeline {
  return definePipeline({
    name: 'reads',
    schema: Type.Object({ id: Type.String(), at: Type.String({ format: 'date-time' }) }),
    ...{ id: 'id', time: 'at', partitionKey: 'id', dedupe: 'off' },
    views: (on) => ({ v: on.view({ key: [], window, measures: { n: on.count() }, ...view }) }),
  });
}

/** Events at these times of 2001-01-01, one record each, after others of the same partition. */
function records(times: readonly string[], from = 0): StreamRecord[] {
  return times.map((time, i) => {
    const at = time.includes('T') ? time : `2001-01-01T${time}Z`;
    const body = new TextEncoder().encode(JSON.stringify({ id: `e${from + i}`, at }));
    const arrival = Date.UTC(2001, 5, 1);
    return { position: BigInt(from + i), partitionKey: '', arrival, body };
  });
}

async function rowsOf(world: World, query: AnyQuery = {}): Promise<string[]> {
  const { rows }: { rows: AnyRow[] } = JSON.parse(await world.answer('v', query));
  return rows.map(({ start, end, measures }) => `${start} ${end} ${measures['n']}`);
}

async function problemOf(world: World, query: AnyQuery): Promise<unknown> {
  return world.answer('v', query).then(
    () => null,
    (error) => `${error.code}: ${error.message}`,
  );
}

describe('a query', () => {
  it('takes a date for midnight in the time zone of the windows', async () => {
    const world = new World([pipelineOf(days('Europe/Berlin'), { lateness: '9d' })]);
    await world.process(records(['2001-03-24T23:30:00Z', '2001-03-25T22:30:00Z']));
    const [sunday, monday] = [
      '2001-03-24T23:00:00.000Z 2001-03-25T22:00:00.000Z 1',
      '2001-03-25T22:00:00.000Z 2001-03-26T22:00:00.000Z 1',
    ];
    expect(await rowsOf(world, { from: '2001-03-25', to: '2001-03-26' })).toEqual([sunday]);
    expect(await rowsOf(world, { from: '2001-03-26' })).toEqual([monday]);
    expect(await rowsOf(world, { from: '2001-03-25T00:00:00Z' })).toEqual([monday]);
    expect(await problemOf(world, { from: '2001-03-32' })).toMatch(/^request: from: /);
  });

  it('of a global window has no range', async () => {
    const world = new World([pipelineOf(global())]);
    await world.process(records(['12:00:00', '11:00:00']));
    await world.compact();
    await world.process(records(['13:00:00'], 2));
    expect(await rowsOf(world)).toEqual(['0000-01-01T00:00:00.000Z 9999-12-31T23:59:59.999Z 3']);
    const refused = /^request: the one window of 'v' is all time: leave from and to out/;
    expect(await problemOf(world, { from: '2001-01-01' })).toMatch(refused);
    expect(await problemOf(world, { to: '2001-01-01' })).toMatch(refused);
  });

  it('of windows that overlap counts a row for each of them against the limit', async () => {
    const hops = pipelineOf(hopping({ size: '1h', slide: '1m' }), { lateness: '1h' });
    const world = new World([hops], { limits: { queryRowsMax: 100 } });
    await world.process(records(['12:00:00', '12:10:00']));
    expect(await problemOf(world, {})).toMatch(/^request: the query reads too much: over 100 rows/);
    const range = { from: '2001-01-01T12:00:00Z', to: '2001-01-01T12:01:00Z' };
    expect(await rowsOf(world, range)).toEqual([
      '2001-01-01T12:00:00.000Z 2001-01-01T13:00:00.000Z 2',
    ]);
  });

  it('finds what was read before, and what has come to it since', async () => {
    const world = new World([
      pipelineOf(session({ gap: '5m', longest: '1h' }), { lateness: '1h' }),
    ]);
    await world.process(records(['12:00:00', '12:08:00']));
    const reader = world.reader();
    const rows = async () => (await reader.read('v', {})).rows;
    const before = await rows();
    expect(await rows()).toBe(before);
    expect(before.size).toBe(2);
    await world.process(records(['12:04:00'], 2));
    expect((await rows()).size).toBe(1);
  });
});

describe('a window past its time', () => {
  it('is not shown, whole or in part, and its pages stay until then', async () => {
    const [hour, gap] = ['1h', '5m'] as const;
    const pipelines = [
      pipelineOf(hopping({ size: hour, slide: gap }), { retain: hour }),
      pipelineOf(session({ gap, longest: hour }), { lateness: '1m', retain: '61m' }),
    ];
    for (const pipeline of pipelines) {
      const world = new World([pipeline]);
      const [view] = pipeline.plan.views as [(typeof pipeline.plan.views)[number]];
      const minutes = Array.from(
        { length: 15 },
        (_, i) => `12:${String(i * 4).padStart(2, '0')}:00`,
      );
      await world.process(records(minutes));
      await world.process(records(['13:59:00'], 15));
      await world.compact();
      await world.settle();
      const whole = (await rowsOf(world)).filter((row) => row.startsWith('2001-01-01T12:00'));
      expect(whole).toHaveLength(1);
      const pk = partitionKeyOf(world.journals[0]!.scope, '0');
      const [first, end] = pageRange('v', view.window.grain);
      const pages = async () => (await world.store.range(pk, first, end, 100)).length;
      const before = await pages();
      expect(await removeExpired(world.journals[0]!)).toBe(0);
      await world.process(records(['14:20:00'], 16));
      await world.compact();
      await world.settle();
      const shown = await rowsOf(world);
      expect(shown.some((row) => row.startsWith('2001-01-01T12:00'))).toBe(false);
      expect(await pages()).toBe(before + 1);
      // A session page is needed for what its neighbours may be part of, over twice the longest session.
      await world.process(records(['16:30:00'], 17));
      await world.compact();
      await world.settle();
      expect(await removeExpired(world.journals[0]!)).toBeGreaterThan(3);
      expect(await pages()).toBeLessThan(before);
    }
  });
});

describe('a late event', () => {
  const late = async (window: Window) => {
    const world = new World([pipelineOf(window)]);
    await world.process(records(['12:00:00', '12:10:00', '12:07:30']));
    const found: unknown[] = [];
    for await (const { json } of keptEvents(world.journals[0]!, '0', '_late')) {
      found.push([json.start, json.end, json.time, json.lateMs]);
    }
    return found;
  };
  const time = '2001-01-01T12:07:30.000Z';

  it('of hopping windows names its pane', async () => {
    expect(await late(hopping({ size: '4m', slide: '2m' }))).toEqual([
      ['2001-01-01T12:06:00.000Z', '2001-01-01T12:08:00.000Z', time, 120_000],
    ]);
  });

  it('of sessions names the session that it alone would be', async () => {
    expect(await late(session({ gap: '1m' }))).toEqual([
      [time, '2001-01-01T12:08:30.000Z', time, 150_000],
    ]);
  });
});
