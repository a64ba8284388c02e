import { describe, expect, test } from 'vitest';
import { compression } from '../../../adapters/compression.ts';
import { ManualClock } from '../../../adapters/memory/manual-clock.ts';
import { isCompressed } from '../../../core/compression.ts';
import { MillraceError } from '../../../core/errors.ts';
import { bucketOf } from '../../../core/hash.ts';
import type { PackingOptions } from '../../../core/publish/packing-options.ts';
import { PackingPublisher } from '../../../core/publish/packing-publisher.ts';
import { type Script, ScriptedPublisher } from './scripted-publisher.ts';

const event = (n: number) => JSON.stringify({ n });
const textOf = (body: Uint8Array) => new TextDecoder().decode(body);

function setUp(options: Partial<PackingOptions> = {}, script?: Script) {
  const clock = new ManualClock(1_000_000);
  const stream = new ScriptedPublisher(clock, script);
  const publisher = new PackingPublisher(
    { publisher: stream, clock, compression, random: () => 0.5 },
    { bucketCount: 4, ...options },
  );
  return { clock, stream, publisher };
}

/** The codes of the rejections, null where it resolved. */
async function outcomes(sends: readonly Promise<void>[]): Promise<(string | null)[]> {
  const settled = await Promise.allSettled(sends);
  return settled.map((one) => (one.status === 'fulfilled' ? null : codeOf(one.reason)));
}

function codeOf(error: unknown): string {
  return error instanceof MillraceError ? error.code : `no MillraceError: ${error}`;
}

/** A key for each of the four buckets. */
const keys = [0, 1, 2, 3].map((bucket) => {
  for (let i = 0; ; i++) if (bucketOf(`key-${i}`, 4) === bucket) return `key-${i}`;
});

describe('packing', () => {
  test('one event is sent as it is, after the linger time', async () => {
    const { clock, stream, publisher } = setUp({ packLingerMs: 100 });
    const sent = publisher.send('a', event(1));
    await clock.advance(99);
    expect(stream.calls).toEqual([]);
    await clock.advance(1);
    expect(stream.calls).toHaveLength(1);
    await clock.advance(5);
    await sent;
    expect(textOf(stream.taken[0]!.body)).toBe('{"n":1}');
    expect(stream.taken[0]).toMatchObject({ bucket: bucketOf('a', 4), bucketCount: 4 });
  });

  test('text and bytes of one bucket go in one record as NDJSON, at once when it is full', async () => {
    const { clock, stream, publisher } = setUp({ packEventsMax: 3, compress: false });
    const events = [event(1), new TextEncoder().encode('{"n":"ü"}'), event(3)];
    const sends = events.map((one) => publisher.send('a', one));
    await clock.advance(5);
    expect(await outcomes(sends)).toEqual([null, null, null]);
    expect(textOf(stream.taken[0]!.body)).toBe('{"n":1}\n{"n":"ü"}\n{"n":3}');
    expect(stream.taken).toHaveLength(1);
  });

  test('a record never exceeds packBytesMax unless one event does', async () => {
    const { clock, stream, publisher } = setUp({ packBytesMax: 15, compress: false });
    const wide = `{"n":"${'ü'.repeat(10)}"}`;
    const sends = [event(1), event(2), event(3), wide, event(4)].map((e) => publisher.send('a', e));
    const flushed = publisher.flush();
    await clock.advance(100);
    await Promise.all([...sends, flushed]);
    expect(stream.taken.map(({ body }) => textOf(body))).toEqual([
      '{"n":1}\n{"n":2}',
      '{"n":3}',
      wide,
      '{"n":4}',
    ]);
  });

  test('records are compressed when that makes them smaller', async () => {
    const { clock, stream, publisher } = setUp({ packEventsMax: 50 });
    const sends = Array.from({ length: 50 }, (_, n) => publisher.send('a', event(n)));
    sends.push(publisher.send('a', event(0)), publisher.send('a', event(1)));
    const flushed = publisher.flush();
    await clock.advance(100);
    await Promise.all([...sends, flushed]);
    expect(stream.taken.map(({ body }) => isCompressed(body))).toEqual([true, false]);
    expect(stream.eventsOf()).toHaveLength(52);
  });

  test('what is no object goes alone, so that it can not spoil its neighbours', async () => {
    const { clock, stream, publisher } = setUp({ compress: false });
    const sends = ['{"n":1}', '[', '{"n":2}', '{"n":3}'].map((e) => publisher.send('a', e));
    const flushed = publisher.flush();
    await clock.advance(100);
    await Promise.all([...sends, flushed]);
    expect(stream.taken.map(({ body }) => textOf(body))).toEqual([
      '{"n":1}',
      '[',
      '{"n":2}\n{"n":3}',
    ]);
  });

  test('records of different buckets go in one call, as many as a call takes', async () => {
    const { clock, stream, publisher } = setUp();
    const sends = keys.map((key, n) => publisher.send(key, event(n)));
    const flushed = publisher.flush();
    await clock.advance(5);
    await Promise.all([...sends, flushed]);
    expect(stream.calls.map((call) => call.length)).toEqual([4]);
    Object.assign(stream, { callRecordsMax: 3 });
    const more = keys.map((key, n) => publisher.send(key, event(n)));
    const again = publisher.flush();
    await clock.advance(5);
    await Promise.all([...more, again]);
    expect(stream.calls.map((call) => call.length)).toEqual([4, 3, 1]);
  });
});

describe('refusals', () => {
  test.each([
    ['a newline', '{"a":1,\n"b":2}', 'request'],
    ['a newline in bytes', new Uint8Array([0x7b, 0x0a, 0x7d]), 'request'],
    ['nothing', '', 'request'],
    ['blanks', ' \t\r', 'request'],
    ['more than a record holds', `{"a":"${'x'.repeat(1_000_000)}"}`, 'too-large'],
  ])('%s is refused at once', async (_, bad, code) => {
    const { publisher } = setUp();
    expect(await outcomes([publisher.send('a', bad)])).toEqual([code]);
    expect(publisher.bufferedBytes).toBe(0);
  });

  test('options out of range are all listed', () => {
    const options = { bucketCount: 0, packLingerMs: -1, bufferBytesMax: 10 };
    expect(() => setUp(options)).toThrow(/bucketCount .*packLingerMs .*bufferBytesMax/);
  });

  test('after close sends are refused, and what came before is sent', async () => {
    const { clock, stream, publisher } = setUp();
    const sent = publisher.send('a', event(1));
    const closed = publisher.close();
    expect(await outcomes([publisher.send('a', event(2))])).toEqual(['request']);
    const closedAgain = publisher.close();
    await clock.advance(5);
    await Promise.all([sent, closed, closedAgain]);
    expect(stream.eventsOf()).toEqual([{ n: 1 }]);
  });

  test('a flush with nothing to send is done at once, whatever still sleeps', async () => {
    const { publisher } = setUp();
    await publisher.flush();
    await publisher.close();
  });
});

describe('failures', () => {
  test('only the throttled records of a call are sent again, with growing pauses', async () => {
    const throttled = keys[2]!;
    const script: Script = (records, call) =>
      records.map(({ bucket }) => (bucket === 2 && call < 3 ? 'throttled' : 'accepted'));
    const { clock, stream, publisher } = setUp({}, script);
    const sends = keys.map((key, n) => publisher.send(key, event(n)));
    const flushed = publisher.flush();
    await clock.advance(10_000);
    expect(await outcomes([...sends, flushed])).toEqual([null, null, null, null, null]);
    expect(stream.calls.map((call) => call.map(({ bucket }) => bucket))).toEqual([
      [0, 1, 2, 3].map((n) => bucketOf(keys[n]!, 4)),
      [bucketOf(throttled, 4)],
      [bucketOf(throttled, 4)],
      [bucketOf(throttled, 4)],
    ]);
    expect(stream.eventsOf()).toHaveLength(4);
  });

  test('a failed record holds back its bucket and no other', async () => {
    let broken = true;
    const script: Script = (records) =>
      records.map(({ bucket }) => (bucket === 0 && broken ? 'unavailable' : 'accepted'));
    const { clock, stream, publisher } = setUp({ packEventsMax: 1 }, script);
    const held = [1, 2, 3].map((n) => publisher.send(keys[0]!, event(n)));
    const others = [4, 5, 6].map((n) => publisher.send(keys[1]!, event(n)));
    await clock.advance(1_000);
    await Promise.all(others);
    expect(stream.eventsOf()).toEqual([{ n: 4 }, { n: 5 }, { n: 6 }]);
    broken = false;
    await clock.advance(10_000);
    await Promise.all(held);
    expect(stream.eventsOf().slice(3)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(stream.overlapped).toBe(false);
  });

  test.each([
    ['an outcome', (r: readonly unknown[]) => r.map(() => 'throttled' as const), 'throttled'],
    ['an error', () => new MillraceError('unavailable', 'down'), 'unavailable'],
  ])(
    'an outage told by %s is given up after publishMsMax, and memory is free',
    async (_, script, code) => {
      const { clock, publisher } = setUp({ publishMsMax: 3_000, packEventsMax: 1 }, script);
      const sends = [1, 2, 3].map((n) => publisher.send('a', event(n)));
      let over = false;
      const all = outcomes(sends).then((codes) => {
        over = true;
        return codes;
      });
      await clock.advance(2_900);
      expect(over).toBe(false);
      await clock.advance(200);
      expect(await all).toEqual([code, code, code]);
      expect(publisher.bufferedBytes).toBe(0);
    },
  );

  test('an error that no retry cures rejects at once and keeps its cause', async () => {
    const cause = new Error('boom');
    const { clock, stream, publisher } = setUp({}, () => cause);
    const sent = publisher.send('a', event(1)).catch((error: unknown) => error);
    await clock.advance(200);
    expect(await sent).toMatchObject({ code: 'bug', cause });
    expect(stream.calls).toHaveLength(1);
  });

  test('an answer of the wrong length is a bug, not a loss', async () => {
    const { clock, publisher } = setUp({}, () => []);
    const sent = outcomes([publisher.send('a', event(1))]);
    await clock.advance(200);
    expect(await sent).toEqual(['bug']);
  });

  test('a record that is too large is split until only the event that is too large fails', async () => {
    const script: Script = (records) =>
      records.map(({ body }) => (textOf(body).includes('"n":3') ? 'too-large' : 'accepted'));
    const { clock, stream, publisher } = setUp({ compress: false }, script);
    const sends = [0, 1, 2, 3, 4, 5, 6].map((n) => publisher.send('a', event(n)));
    const all = outcomes(sends);
    await clock.advance(1_000);
    expect(await all).toEqual([null, null, null, 'too-large', null, null, null]);
    expect(stream.eventsOf()).toEqual([0, 1, 2, 4, 5, 6].map((n) => ({ n })));
  });
});

describe('the buffer', () => {
  test('sends beyond it wait their turn, and flush waits for them too', async () => {
    const { clock, stream, publisher } = setUp({ bufferBytesMax: 600, bucketCount: 1 });
    const sends = Array.from({ length: 9 }, (_, n) => publisher.send('a', event(n)));
    const flushed = publisher.flush();
    expect(publisher.bufferedBytes).toBe(2 * 263);
    await clock.advance(1_000);
    await Promise.all([...sends, flushed]);
    expect(stream.eventsOf()).toEqual(Array.from({ length: 9 }, (_, n) => ({ n })));
    expect(publisher.bufferedBytes).toBe(0);
  });

  test('a full buffer is sent without waiting for the linger time', async () => {
    const { clock, publisher } = setUp({ bufferBytesMax: 600, packLingerMs: 3_600_000 });
    const sends = Array.from({ length: 8 }, (_, n) => publisher.send(`k${n}`, event(n)));
    await clock.advance(100);
    await Promise.all(sends.slice(0, 6));
  });

  test('a small event does not overtake a larger one that waits', async () => {
    const { clock, stream, publisher } = setUp({ bufferBytesMax: 700 });
    const large = JSON.stringify({ n: 2, pad: 'x'.repeat(300) });
    const sends = [event(1), large, event(3)].map((one) => publisher.send('a', one));
    await clock.advance(1_000);
    await Promise.all(sends);
    expect(stream.eventsOf().map(({ n }) => n)).toEqual([1, 2, 3]);
  });

  test('what waited when flush was called is sent at once as well', async () => {
    const packLingerMs = 3_600_000;
    const { clock, stream, publisher } = setUp({ bufferBytesMax: 600, packLingerMs });
    const three = [keys[0]!, keys[1]!, keys[2]!];
    const sends = three.map((key, n) => publisher.send(key, event(n)));
    const flushed = publisher.flush();
    await clock.advance(100);
    await Promise.all([...sends, flushed]);
    expect(stream.eventsOf()).toHaveLength(3);
  });

  test('a second flush waits for what the first one still waits for', async () => {
    const { clock, publisher } = setUp();
    const done: string[] = [];
    const sent = publisher.send('a', event(1)).then(() => done.push('sent'));
    const first = publisher.flush().then(() => done.push('first'));
    const second = publisher.flush().then(() => done.push('second'));
    await clock.advance(100);
    await Promise.all([sent, first, second]);
    expect(done).toEqual(['sent', 'first', 'second']);
  });
});
