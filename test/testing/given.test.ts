import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { definePipeline, tumbling } from 'millrace';
import { given } from 'millrace/testing';
import { Type } from 'typebox';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { start } from '../../core/event.ts';
import { Processor } from '../../core/process.ts';

const clicks = definePipeline({
  name: 'clicks',
  schema: Type.Object({
    id: Type.String(),
    at: Type.String(),
    who: Type.String(),
    ms: Type.Number(),
  }),
  id: 'id',
  time: 'at',
  partitionKey: 'who',
  watermark: { outOfOrder: '1m', idleAfter: '1m' },
  dedupe: { within: '10m' },
  transform: (click) => (click.who === 'robot' ? null : click),
  views: (on) => ({
    perMinute: on.view({
      key: ['who'],
      window: tumbling('1m'),
      lateness: '1m',
      measures: { clicks: on.count(), ms: on.quantiles('ms', [0.5]), top: on.topK('ms', 2) },
    }),
  }),
});

/** A click at a time of noon: `12:` is left out. */
const click = (id: string, at: string, who = 'ann') => ({
  id,
  at: `2026-01-01T12:${at}Z`,
  who,
  ms: 5,
});

/** What a chain says when it fails. */
const failure = async (chain: PromiseLike<unknown>): Promise<string> => {
  try {
    await chain;
  } catch (error) {
    return (error as Error).message;
  }
  return 'no failure';
};
const two = () => given(clicks).events(click('1', '00:00'), click('2', '00:59'));

describe('an expectation that is met', () => {
  it('lets the chain go on, whatever crashes and comes again', async () => {
    await given(clicks, { partitions: 3 })
      .crash('before-commit')
      .events(click('1', '00:00'), click('2', '00:01', 'bob'))
      .redeliver()
      .crash('after-commit')
      .events(click('3', '00:02'), click('1', '00:00'), click('4', '00:02', 'robot'))
      .redeliver()
      .expectCounts({ received: 5, accepted: 3, duplicates: 1, filtered: 1 })
      .expect('perMinute', { who: 'ann' }, { clicks: 2, ms: { p50: (ms: number) => ms < 5.05 } })
      .expect('perMinute', { who: 'bob' }, { clicks: 1 }, '2026-01-01T12:00:00Z')
      .expect('perMinute', { who: 'robot' }, null)
      .expectRows('perMinute', [{ key: { who: 'ann' } }, { measures: { clicks: 1 } }])
      .expectNothingLost();
  });

  it('sees time pass: idle partitions tick, rows become final, what comes later is late', async () => {
    await given(clicks, { partitions: 2 })
      .events(click('1', '00:00'))
      .wait('2m')
      .expectNotFinal('perMinute', {})
      .wait('3m')
      .expectFinal('perMinute', {})
      .events(click('2', '00:30'))
      .expectLate('perMinute', 1)
      .expect('perMinute', { who: 'ann' }, { clicks: 1 });
  });

  it('sees what comes from the future once the clock is set, and what is no event', async () => {
    await given(clicks)
      .at('2026-01-01T10:30:00Z')
      .events(click('1', '00:00'))
      .raw('nonsense', { id: 7 }, '[1,2]')
      .expectDeadLetters('future', 1)
      .expectDeadLetters('invalid', 1)
      .expectDeadLetters('undecodable', 3);
  });

  it('leaves the rest to a query', async () => {
    const { rows, late } = await two().query('perMinute', { key: { who: 'ann' } });
    expect([rows[0]?.measures.top, late]).toEqual([[{ value: 5, count: 2, error: 0 }], 0]);
  });
});

it('a row that is not there may have become a dead letter', async () => {
  const expecting = given(clicks)
    .events(click('1', '00:00'))
    .raw({ id: 7 })
    .expect('perMinute', { who: 'bob' }, { clicks: 1 });
  await expect(expecting).rejects.toThrow(
    /there is no such row\n.*\n {2}dead letters: 1\n {4}invalid: /s,
  );
});

describe('an expectation that is not met says the step, what is wrong, and what there is', () => {
  const where = 'perMinute {"who":"ann"}';
  it.each([
    [
      () => two().expect('perMinute', { who: 'ann' }, { clicks: 3, ms: { p50: 1 } }),
      `step 2: expect ${where}\n  clicks is 2, not 3\n  ms.p50 is 5.0`,
    ],
    [
      () => two().expect('perMinute', { who: 'ann' }, { ms: { p50: (ms) => ms > 6 } }),
      `step 2: expect ${where}\n  ms.p50 is 5.0`,
    ],
    [
      () => two().expect('perMinute', { who: 'ann' }, { top: [] }),
      `step 2: expect ${where}\n  top has 1 elements, not 0: [{"value":5,"count":2,"error":0}]`,
    ],
    [
      () => two().expect('perMinute', { who: 'bob' }, { clicks: 1 }),
      'step 2: expect perMinute {"who":"bob"}\n  there is no such row\n    {"key":{"who":"ann"}',
    ],
    [
      () => two().expect('perMinute', { who: 'ann' }, null),
      `step 2: expect ${where}\n  there should be no row\n    {"key":{"who":"ann"}`,
    ],
    [
      () => two().expect('perMinute', { who: 'ann' }, { clicks: 2 }, '2026-01-01T12:01:00Z'),
      `step 2: expect ${where} of 2026-01-01T12:01:00Z\n  there is no such row\n    {"key"`,
    ],
    [
      () => two().events(click('3', '01:00')).expect('perMinute', {}, { clicks: 2 }),
      'step 3: expect perMinute {}\n  it has rows of 2 windows: say the start of one\n    {"key"',
    ],
    [
      () => two().expectRows('perMinute', []),
      'step 2: expectRows perMinute\n  there are 1 rows, not 0\n    {"key"',
    ],
    [
      () =>
        two().expectRows('perMinute', [{ start: '2026-01-01T12:01:00Z', measures: { clicks: 2 } }]),
      'step 2: expectRows perMinute\n  row 0.start is "2026-01-01T12:00:00.000Z", not "2026-01-01T12:01:00.000Z"\n',
    ],
    [
      () => two().expectFinal('perMinute', {}),
      'step 2: expectFinal perMinute {}\n  not final: 1 of 1; the watermark is 2026-01-01T11:59:59.000Z\n    {"key"',
    ],
    [
      () => two().wait('5m').expectNotFinal('perMinute', {}),
      'step 3: expectNotFinal perMinute {}\n  final already: 1 of 1; the watermark is 2026-01-01T12:03:59.000Z\n    {"key"',
    ],
    [
      () => two().wait('5m').events(click('3', '00:30')).expectLate('perMinute', 0),
      'step 4: expectLate perMinute 0\n  1 are late\n    late by 119000 ms: {"id":"3"',
    ],
    [
      () => two().raw({ id: '3' }).expectDeadLetters('invalid', 0),
      'step 3: expectDeadLetters invalid 0\n  there are 1\n    invalid: / must have required',
    ],
    [
      () => two().redeliver().expectCounts({ duplicates: 2 }),
      'step 3: expectCounts\n  duplicates is 0, not 2\n    {"received":2,',
    ],
    [
      () => two().raw('{').expectNothingLost(),
      'step 3: expectNothingLost\n  1 dead letters\n    undecodable: ',
    ],
    [
      () => two().wait('5m').events(click('3', '00:30')).expectNothingLost(),
      'step 4: expectNothingLost\n  1 are late\n    late by',
    ],
  ])('case %#', async (chain, message) => {
    expect((await failure(chain())).slice(0, message.length)).toBe(message);
  });

  it('with the whole row, and the line of the test', async () => {
    const chain = given(clicks)
      .events(click('1', '00:00'), click('2', '00:59'))
      .expect('perMinute', { who: 'ann' }, { clicks: 1 });
    const error = await chain.then(null, (reason: unknown) => reason as Error);
    expect(error?.message).toContain(
      '{"key":{"who":"ann"},"start":"2026-01-01T12:00:00.000Z","end":"2026-01-01T12:01:00.000Z",' +
        '"final":false,"state":"open","measures":{"clicks":2,',
    );
    expect(error?.stack?.split('\n').find((line) => line.trim().startsWith('at '))).toContain(
      'given.test.ts',
    );
  });
});

describe('a step that can not be taken', () => {
  it.each([
    [() => two().at('2026-01-01T11:00:00Z'), "time can't go back"],
    [() => two().at('noon'), "'noon' is no RFC 3339 time"],
    [() => two().wait('2 hours' as '2h'), "'2 hours' is no duration"],
    [() => two().crash('before-commit').redeliver(), 'crash: no batch came after it'],
  ])('case %# is an error', async (chain, message) => {
    expect(await failure(chain())).toContain(message);
  });

  it('fails the chain at once, and no later step is taken', async () => {
    const chain = two().expectLate('perMinute', 7).expectLate('perMinute', 8);
    expect(await failure(chain)).toContain('step 2: expectLate perMinute 7');
  });
});

it('works with the test runner of Node', () => {
  const file = join(import.meta.dirname, 'with-node-test.ts');
  const { status, stdout } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stdout).toMatch(/pass 1\n.* fail 1\n/);
  expect(stdout).toMatch(/step 2: expectLate byOrigin 3\n\s+0 are late\n\s+at .*with-node-test/);
});

describe('the types of a chain', () => {
  it('refuse nine mistakes, and none of them has disappeared', () => {
    const mistakes = readFileSync(join(import.meta.dirname, 'mistakes.ts'), 'utf8');
    const expected = mistakes.match(/^ *\/\/ @ts-expect-error .+$/gm) ?? [];
    expect(new Set(expected).size).toBe(9);
    expect(mistakes).not.toMatch(/@ts-(ignore|nocheck)|\bany\b|as never/);
  });
});

it('an event that is not accounted for fails the step, whatever was expected', async () => {
  const lossy = vi.spyOn(Processor.prototype, 'process');
  lossy.mockResolvedValue({ acknowledged: start, failures: [] });
  onTestFinished(() => lossy.mockRestore());
  expect(await failure(two())).toBe(
    'step 1: events\n  the conservation law is broken: 2 events were given, 0 were received, 0 are lost',
  );
});
