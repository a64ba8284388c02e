import { Check } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { clickSchema, clickTexts } from '../bench/clicks.ts';
import { type Answer, differences } from '../bench/peers/answer.ts';
import { clickOf } from '../bench/peers/click.ts';
import { RecentIds } from '../bench/peers/count-store.ts';
import type { Started } from '../bench/peers/design.ts';
import { start as handLoop } from '../bench/peers/designs/hand-loop.ts';
import { start as millrace } from '../bench/peers/designs/ours.ts';
import { start as putPerId } from '../bench/peers/designs/put-per-id.ts';
import { designs, ours } from '../bench/peers/designs.ts';
import { feed } from '../bench/peers/feed.ts';
import { deliveries } from '../bench/peers/input.ts';
import { memoryCountStore } from '../bench/peers/memory-count-store.ts';
import type { Outcome } from '../bench/peers/run.ts';
import { summariesOf } from '../bench/peers/summary.ts';
import { giftsTable, tablesOf } from '../bench/peers/table.ts';

const setting = { store: 'memory', endpoints: null, name: 'test' } as const;
const events = 2_500;

async function fed(start: typeof handLoop, pack: number): Promise<Answer> {
  const started = await start({ ...setting, pack });
  await feed(started, deliveries({ events, pack, seed: 5 }));
  return started.answer();
}

describe('the designs that need no other package', () => {
  it.each([1, 100])('have one answer, with %i events to a record', async (pack) => {
    const expected = await fed(handLoop, 1);
    expect(expected.rows.length).toBeGreaterThan(500);
    expect(expected.bad).toBe(3);
    for (const start of [handLoop, millrace, putPerId]) {
      expect(differences(expected, await fed(start, pack))).toEqual([]);
    }
  });

  it('have another one if each delivery counts', async () => {
    const expected = await fed(handLoop, 1);
    let all = 0;
    for (const batch of deliveries({ events, pack: 1, seed: 5 })) all += batch.length;
    const counted = expected.rows.reduce((sum, { clicks }) => sum + clicks, 0);
    // 1 % of the ids come twice; the last ten records of two batches come again; three are bad.
    expect(all).toBe(events + expected.bad + 2 * 10);
    expect(events - counted).toBeGreaterThan(10);
    expect(events - counted).toBeLessThan(40);
  });
});

describe('an answer', () => {
  const row = { page: '/p/1', minute: 60_000, clicks: 2, cents: 350 };
  const other = { ...row, page: '/p/2' };
  const right: Answer = { rows: [row, other], bad: 1 };

  it('may have its rows in any order', () => {
    expect(differences(right, { ...right, rows: [other, row] })).toEqual([]);
  });

  it.each<[string, Answer, string]>([
    [
      'a cent too many',
      { ...right, rows: [{ ...row, cents: 351 }, other] },
      '/p/1 1970-01-01T00:01:00.000Z: 2 clicks and 351 cents in place of 2 clicks and 350 cents',
    ],
    [
      'a click too few',
      { ...right, rows: [row, { ...other, clicks: 1 }] },
      '/p/2 1970-01-01T00:01:00.000Z: 1 clicks and 350 cents in place of 2 clicks and 350 cents',
    ],
    [
      'a row that is missing',
      { ...right, rows: [row] },
      '/p/2 1970-01-01T00:01:00.000Z: nothing in place of 2 clicks and 350 cents',
    ],
    [
      'a row of another minute',
      { ...right, rows: [row, other, { ...row, minute: 0 }] },
      '/p/1 1970-01-01T00:00:00.000Z: 2 clicks and 350 cents in place of nothing',
    ],
    ['a row twice', { ...right, rows: [row, other, row] }, 'a row is there twice'],
    ['a bad event too many', { ...right, bad: 2 }, '2 bad events in place of 1'],
  ])('is refused for %s', (_, answer, difference) => {
    expect(differences(right, answer)).toEqual([difference]);
  });

  it('tells the first five differences of many', () => {
    const rows = Array.from({ length: 9 }, (_, i) => ({ ...row, page: `/p/${i}` }));
    const told = differences({ rows, bad: 0 }, { rows: [], bad: 0 });
    expect(told).toHaveLength(6);
    expect(told.at(-1)).toBe('and 4 more');
  });
});

describe('a click', () => {
  const [text] = clickTexts({ count: 1, rate: 1, keys: 1, seed: 1 });
  const click = JSON.parse(text!) as Record<string, unknown>;

  it('is taken by the checks by hand as by the schema', () => {
    expect(clickOf(text!)).toEqual(click);
    expect(Check(clickSchema, click)).toBe(true);
  });

  it.each(Object.keys(click))('is refused by both with another %s', (name) => {
    for (const wrong of [undefined, null, [], name === 'at' || name === 'price' ? 'a' : 1]) {
      const other = { ...click, [name]: wrong };
      expect(clickOf(JSON.stringify(other)), String(wrong)).toBe(null);
      expect(Check(clickSchema, other), String(wrong)).toBe(false);
    }
    expect(clickOf('{')).toBe(null);
  });
});

describe('a store in memory', () => {
  it('takes each id once', async () => {
    const store = memoryCountStore();
    expect(await store.putId('a')).toBe(true);
    expect(await store.putId('a')).toBe(false);
    expect(await store.putId('b')).toBe(true);
  });
});

describe('deliveries after failures', () => {
  /** A handler that fails the records at these places of its first call. */
  async function delivered(failed: readonly number[], times: number): Promise<number[]> {
    const sizes: number[] = [];
    const handler: Started['handler'] = async ({ Records }) => {
      sizes.push(Records.length);
      const at = sizes.length > times ? [] : failed;
      const numbers = at.map((place) => Records[place]!.kinesis.sequenceNumber);
      return { batchItemFailures: numbers.map((itemIdentifier) => ({ itemIdentifier })) };
    };
    const { again } = await feed({ handler }, deliveries({ events: 400, pack: 1, seed: 1 }));
    expect(again).toBe(sizes.slice(1).reduce((sum, size) => sum + size, 0));
    return sizes;
  }

  it('begin at the first of them', async () => {
    expect(await delivered([300, 100], 1)).toEqual([400, 300]);
    expect(await delivered([], 1)).toEqual([400]);
  });

  it('come to an end', async () => {
    await expect(delivered([0], 1_000)).rejects.toThrow('a batch fails for ever');
  });
});

describe('ids that came lately', () => {
  it('are known for at least so many', () => {
    const recent = new RecentIds(3);
    const known = (): string => [...'abcdefgh'].filter((id) => recent.has(id)).join('');
    for (const id of 'abcd') recent.add(id);
    expect(known()).toBe('abcd');
    for (const id of 'efg') recent.add(id);
    expect(known()).toBe('defg');
  });
});

describe('the tables', () => {
  const base: Omit<Outcome, 'answer'> = {
    ...{ design: ours, store: 'dynalite', pack: 1, events: 2_000 },
    ...{ cpuMs: 20, wallMs: 100, again: 0, calls: 6, writeUnits: 31, storedBytes: 24_690 },
    ...{ peakBytes: 2 ** 27, heapBytes: 2 ** 25 },
  };
  const slow = {
    ...base,
    design: 'powertools',
    events: 1_000,
    cpuMs: 100,
    calls: 3_000,
    again: 90,
  };
  const rounds = [1, 4, 2].map((busy) => {
    return [base, slow].map((one) => ({ ...one, cpuMs: one.cpuMs * busy }));
  });

  it('show medians, by event, and ratios within a round', () => {
    const [first, second] = summariesOf(rounds);
    expect(first).toMatchObject({ runs: 3, cpuUs: 20, eventsPerSecondPerCore: 50_000, ratio: 1 });
    expect(first).toMatchObject({ callsPerThousand: 3, writeUnitsPerThousand: 15.5 });
    expect(first).toMatchObject({ storedBytesPerEvent: 12.3, peakMB: 128, heapMB: 32 });
    expect(second).toMatchObject({ cpuUs: 200, ratio: 0.1, callsPerThousand: 3_000 });
    expect(second).toMatchObject({ againPerThousand: 90, wallEventsPerSecond: 10_000 });
  });

  it('are of Markdown, one for each store and packing that was run', () => {
    const text = tablesOf(summariesOf(rounds));
    expect(text.split('\n').filter((line) => line.startsWith('|'))).toEqual([
      '| design | events/s per core | against Millrace | CPU, µs an event | calls | write units |' +
        ' stored, bytes an event | records again | events/s by the clock | peak memory, MB | events |',
      `|${' --- |'.repeat(11)}`,
      '| Millrace | 50,000 | 1 x | 20 | 3 | 15.5 | 12.3 | 0 | 20,000 | 128 | 2,000 |',
      '| Powertools batch and idempotency | 5,000 | 0.1 x | 200 | 3,000 | 31 | 24.7 | 90 | 10,000 | 128 | 1,000 |',
    ]);
    expect(text).not.toContain('in memory');
    const packed = rounds.map((round) => round.map((one) => ({ ...one, pack: 100 })));
    expect(tablesOf(summariesOf(packed))).toBe('');
  });

  it('say of each design what it gives and what it does not', () => {
    expect(giftsTable(['rxjs']).split('\n')).toHaveLength(3);
    for (const { gives, lacks } of designs)
      expect(Math.min(gives.length, lacks.length)).toBeGreaterThan(10);
  });

  it('need ours in each round', () => {
    expect(() => summariesOf([[slow]])).toThrow('a round without millrace on dynalite');
  });
});
