import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { eventHubsBatch } from '../../adapters/azure/event-hubs-batch.ts';
import { MillraceError } from '../../core/errors.ts';

const twoTo53 = 9_007_199_254_740_992n;

/** The metadata of events as the worker hands it over, with what the test wants otherwise. */
function metadata(...events: readonly Record<string, unknown>[]) {
  return {
    partitionContext: { eventHubName: 'clicks', consumerGroup: '$Default', partitionId: '3' },
    systemPropertiesArray: events.map((event, index) => ({
      'x-opt-kafka-key': 'other',
      sequenceNumber: 7 + index,
      offset: String(4_096 * index),
      partitionKey: null,
      enqueuedTimeUtc: '2026-11-03T09:15:00.123',
      ...event,
    })),
    // What the host sends beside it is not aligned: an empty key is missing here.
    partitionKeyArray: [],
    sequenceNumberArray: [999],
  };
}

const one = (event: Record<string, unknown>) =>
  eventHubsBatch([Buffer.from('{}')], metadata(event)).records[0]!;

/** The error of a batch of one event with these properties. */
function errorOf(messages: unknown, triggerMetadata: unknown): MillraceError {
  try {
    eventHubsBatch(messages, triggerMetadata);
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error('It gave a batch.');
}

describe('the batch of an Event Hubs trigger', () => {
  it('has partition, position, key, arrival and body of every event', () => {
    const messages = [Buffer.from('{"a":1}'), Buffer.from('not JSON')];
    const properties = metadata({ partitionKey: 'k' }, { sequenceNumber: 9 });
    expect(eventHubsBatch(messages, properties)).toEqual({
      partition: '3',
      records: [
        {
          position: 7n,
          partitionKey: 'k',
          arrival: Date.UTC(2026, 10, 3, 9, 15, 0, 123),
          body: new TextEncoder().encode('{"a":1}'),
        },
        {
          position: 9n,
          partitionKey: '',
          arrival: Date.UTC(2026, 10, 3, 9, 15, 0, 123),
          body: new TextEncoder().encode('not JSON'),
        },
      ],
    });
  });

  it('has no key where another producer has sent a bucket that is no text', () => {
    for (const bucket of [5, true, null, {}, ['1']]) {
      const { records } = eventHubsBatch([Buffer.from('{}')], {
        ...metadata({}),
        propertiesArray: [{ bucket }],
      });
      expect(records.map(({ partitionKey }) => partitionKey)).toEqual(['']);
    }
  });

  it('has the bucket for its key, where our own publisher has sent it', () => {
    const messages = [Buffer.from('1'), Buffer.from('2')];
    const properties = metadata({ partitionKey: 'k' }, {});
    const propertiesArray = [{ bucket: '1' }, { bucket: '2' }];
    const { records } = eventHubsBatch(messages, { ...properties, propertiesArray });
    expect(records.map(({ partitionKey }) => partitionKey)).toEqual(['k', '2']);
  });

  it('copies no body, and gives plain bytes', () => {
    const message = Buffer.from('{"a":1}');
    const { body } = eventHubsBatch([message], metadata({})).records[0]!;
    expect(Object.getPrototypeOf(body)).toBe(Uint8Array.prototype);
    expect(body.buffer).toBe(message.buffer);
    expect(body.byteOffset).toBe(message.byteOffset);
  });

  it('may be empty', () => {
    expect(eventHubsBatch([], metadata())).toEqual({ partition: '3', records: [] });
  });

  it.each([
    ['a number', 0, 0n],
    ['a large number', Number.MAX_SAFE_INTEGER, twoTo53 - 1n],
    ['a text', '18014398509481985', 18_014_398_509_481_985n],
    ['the largest of 64 bits as a text', '9223372036854775807', 2n ** 63n - 1n],
    ['two halves', { low: 5, high: 0, unsigned: false }, 5n],
    [
      'two halves, the lower with its sign bit',
      { low: -1, high: 0, unsigned: false },
      2n ** 32n - 1n,
    ],
    ['two halves without sign', { low: 4_294_967_295, high: 1, unsigned: true }, 2n ** 33n - 1n],
    ['two halves beyond 2^53', { low: 1, high: 4_194_304, unsigned: false }, 2n ** 54n + 1n],
  ])('reads a sequence number that is %s', (_, sequenceNumber, position) => {
    expect(one({ sequenceNumber }).position).toBe(position);
  });

  it.each([
    ['2026-11-03T09:15:00', Date.UTC(2026, 10, 3, 9, 15)],
    ['2026-11-03T09:15:00Z', Date.UTC(2026, 10, 3, 9, 15)],
    ['2026-11-03T09:15:00.1234567', Date.UTC(2026, 10, 3, 9, 15, 0, 123)],
    ['2026-11-03T09:15:00.1234567Z', Date.UTC(2026, 10, 3, 9, 15, 0, 123)],
    ['2026-11-03T09:15:00.5+00:00', Date.UTC(2026, 10, 3, 9, 15, 0, 500)],
  ])('takes %s for UTC', (enqueuedTimeUtc, arrival) => {
    vi.stubEnv('TZ', 'Asia/Kolkata');
    expect(new Date(0).getHours()).toBe(5);
    expect(one({ enqueuedTimeUtc }).arrival).toBe(arrival);
    vi.unstubAllEnvs();
  });
});

describe('a trigger of another form is an error that shows what was there', () => {
  it.each([
    ['a text per event', ['{}']],
    ['parsed JSON per event', [{ a: 1 }]],
    ['one event alone', Buffer.from('{}')],
    ['nothing', undefined],
  ])('%s: the definition of the trigger is wrong', (_, messages) => {
    const error = errorOf(messages, metadata({}));
    expect(error.code).toBe('definition');
    expect(error.problems.join()).toContain("dataType: 'binary'");
  });

  it.each([
    ['no metadata', undefined, 'partitionId, a text: undefined'],
    ['no partition', { ...metadata({}), partitionContext: null }, 'partitionId'],
    [
      'an empty partition',
      { ...metadata({}), partitionContext: { partitionId: '' } },
      'partitionId',
    ],
    ['no properties', { ...metadata({}), systemPropertiesArray: undefined }, 'for 1 events'],
    ['properties of fewer events', metadata(), 'for 1 events'],
    ['properties of more events', metadata({}, {}), 'for 1 events'],
    ['no properties of one event', { ...metadata({}), systemPropertiesArray: [null] }, 'null'],
  ])('%s', (_, triggerMetadata, shown) => {
    const error = errorOf([Buffer.from('{}')], triggerMetadata);
    expect(error.code).toBe('bug');
    expect(error.message).toContain(shown);
  });

  it.each([
    ['sequenceNumber', undefined],
    ['sequenceNumber', null],
    ['sequenceNumber', -1],
    ['sequenceNumber', 1.5],
    ['sequenceNumber', 9_007_199_254_740_992],
    ['sequenceNumber', '-1'],
    ['sequenceNumber', '1e3'],
    ['sequenceNumber', '9223372036854775808'],
    ['sequenceNumber', ''],
    ['sequenceNumber', { low: 1 }],
    ['sequenceNumber', { low: 1, high: -1, unsigned: false }],
    ['sequenceNumber', { low: 4_294_967_296, high: 0, unsigned: false }],
    ['sequenceNumber', { low: 0.5, high: 0, unsigned: false }],
    ['enqueuedTimeUtc', undefined],
    ['enqueuedTimeUtc', 1_762_161_300_000],
    ['enqueuedTimeUtc', 'yesterday'],
    ['enqueuedTimeUtc', '2026-13-03T09:15:00'],
  ])('%s: %j', (name, value) => {
    const error = errorOf([Buffer.from('{}')], metadata({ [name]: value }));
    expect(error.code).toBe('bug');
    expect(error.message).toContain(`gave no ${name}`);
    expect(error.message.length).toBeLessThan(400);
  });

  it.each([
    ['the same sequence number twice', 7, 7],
    ['a sequence number that falls', 8, 7],
  ])('%s', (_, first, second) => {
    const properties = metadata({ sequenceNumber: first }, { sequenceNumber: second });
    const error = errorOf([Buffer.from('1'), Buffer.from('2')], properties);
    expect(error.code).toBe('bug');
    expect(error.message).toContain('sequence numbers that rise');
  });
});

const forms: readonly ((position: bigint) => unknown)[] = [
  (position) => (position < twoTo53 ? Number(position) : String(position)),
  (position) => String(position),
  (position) => ({
    low: Number(BigInt.asIntN(32, position)),
    high: Number(position >> 32n),
    unsigned: false,
  }),
];

const body = fc.oneof(
  fc.constant(new Uint8Array(0)),
  fc.uint8Array({ maxLength: 64 }),
  fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
  fc.json().map((text) => new TextEncoder().encode(text)),
);
const event = fc.record({
  body,
  gap: fc.bigInt({ min: 1n, max: 2n ** 40n }),
  key: fc.option(fc.string()),
  arrival: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
  form: fc.constantFrom(...forms),
});

it('loses and changes nothing, whatever the bodies, gaps and forms', () => {
  const batches = fc.array(event, { maxLength: 20 });
  const firsts = fc.bigInt({ min: 0n, max: 2n ** 62n });
  fc.assert(
    fc.property(batches, firsts, (events, first) => {
      let next = first;
      const expected = events.map(({ body, gap, key, arrival }) => {
        next += gap;
        return { position: next, partitionKey: key ?? '', arrival: arrival.getTime(), body };
      });
      const properties = events.map(({ form, key, arrival }, index) => ({
        sequenceNumber: form(expected[index]!.position),
        partitionKey: key,
        enqueuedTimeUtc: arrival.toISOString().slice(0, -1),
      }));
      const messages = events.map(({ body }) => Buffer.from(body));
      const batch = eventHubsBatch(messages, metadata(...properties));
      expect(batch).toEqual({ partition: '3', records: expected });
    }),
  );
});
