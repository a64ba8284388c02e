import fc from 'fast-check';
import rhea from 'rhea';
import { expect, it } from 'vitest';
import { sectionsOf } from './event-hubs/amqp-bytes.ts';
import { Refusal } from './event-hubs/conditions.ts';
import { positionOf } from './event-hubs/position-filter.ts';
import { batchFormat, batchOf, stamp } from './event-hubs/stored-event.ts';

const { types, message } = rhea;

/** A message with an encoding of every width, as rhea would not write it again. */
const typed = message.encode({
  durable: true,
  message_annotations: {
    'x-opt-partition-key': 'k',
    'x-opt-sequence-number': 3,
    own: types.wrap_ubyte(3),
  },
  application_properties: {
    ubyte: types.wrap_ubyte(1),
    ushort: types.wrap_ushort(2),
    ulong: types.wrap_ulong(Buffer.alloc(8, 0xee)),
    float: types.wrap_float(0.5),
    uuid: types.wrap_uuid(Buffer.alloc(16, 7)),
    symbol: types.wrap_symbol('s'.repeat(300)),
    list: [1, [2, 'x']],
    array: types.wrap_array(['a', 'b'], 0xa1, undefined),
    described: types.wrap_described('x', 'urn:x'),
  },
  body: message.data_sections([Buffer.from('one'), Buffer.from('two')]),
});

it('changes nothing of a message but its own annotations', () => {
  const parts = sectionsOf(typed);
  expect(parts.map(({ code }) => code)).toEqual([0x70, 0x72, 0x73, 0x74, 0x75, 0x75]);
  const { messages, partitionKey } = batchOf(typed, 0);
  expect(partitionKey).toBe('k');
  const stamped = stamp(messages[0]!, 2n ** 60n, 77n, 1_700_000_000_123);
  const after = sectionsOf(stamped);
  const bytesOf = (from: Buffer, codes: typeof parts) =>
    codes
      .filter(({ code }) => code !== 0x72)
      .map(({ start, end }) => from.subarray(start, end).toString('hex'));
  expect(bytesOf(stamped, after)).toEqual(bytesOf(typed, parts));
  expect(stamped.toString('latin1').split('x-opt-sequence-number')).toHaveLength(2);
  expect(message.decode(stamped)['message_annotations']).toEqual({
    'x-opt-partition-key': 'k',
    own: 3,
    'x-opt-sequence-number': Buffer.from('1000000000000000', 'hex'),
    'x-opt-offset': '77',
    'x-opt-enqueued-time': new Date(1_700_000_000_123),
  });
});

it('cuts a batch into the messages that were put into it', () => {
  const batch = message.encode({
    message_annotations: { 'x-opt-partition-key': 'of the batch' },
    body: message.data_sections([typed, message.encode({ body: 'value' }), typed]),
  });
  const { messages, partitionKey } = batchOf(batch, batchFormat);
  expect(partitionKey).toBe('of the batch');
  expect(messages.map(({ annotations }) => annotations.size)).toEqual([3, 0, 3]);
  expect(message.decode(stamp(messages[1]!, 0n, 0n, 0))['body']).toBe('value');
});

it('refuses bytes that are no message, and never reads beyond them', () => {
  const damaged = fc.tuple(fc.nat(typed.length - 1), fc.nat(255)).map(([at, byte]) => {
    const bytes = Buffer.from(typed);
    bytes[at] = byte;
    return bytes;
  });
  const cut = fc.nat(typed.length).map((length) => typed.subarray(0, length));
  const noise = fc.uint8Array().map((bytes) => Buffer.from(bytes));
  const format = fc.constantFrom(0, batchFormat);
  expect(() => batchOf(Buffer.alloc(1_000_000), 0)).toThrow(Refusal);
  const ends = sectionsOf(typed).map(({ end }) => end);
  for (let length = 1; length < typed.length; length += 1) {
    if (ends.includes(length)) continue;
    expect(() => batchOf(typed.subarray(0, length), 0), `${length}`).toThrow(Refusal);
  }
  let refused = 0;
  fc.assert(
    fc.property(fc.oneof(damaged, cut, noise), format, (bytes, of) => {
      try {
        const { messages } = batchOf(bytes, of);
        for (const each of messages) sectionsOf(stamp(each, 0n, 0n, 0));
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
        refused += 1;
      }
    }),
    { numRuns: 2_000 },
  );
  expect(refused).toBeGreaterThan(500);
});

it('reads the filters that clients send, and refuses others', () => {
  expect(positionOf("amqp.annotation.x-opt-offset > '-1'")).toEqual({
    by: 'offset',
    value: '-1',
    inclusive: false,
  });
  expect(positionOf("amqp.annotation.x-opt-offset >= '@latest'").value).toBe('@latest');
  expect(positionOf("amqp.annotation.x-opt-sequence-number >= '7'")).toEqual({
    by: 'sequence',
    value: '7',
    inclusive: true,
  });
  expect(positionOf("amqp.annotation.x-opt-enqueued-time > '1700000000000'").by).toBe('enqueued');
  for (const wrong of [
    '',
    "amqp.annotation.x-opt-offset = '1'",
    "amqp.annotation.x-opt-other > '1'",
    "amqp.annotation.x-opt-sequence-number > '@latest'",
    "amqp.annotation.x-opt-offset > '1' OR TRUE",
    "amqp.annotation.x-opt-offset > '1.5'",
  ]) {
    expect(() => positionOf(wrong), wrong).toThrow(Refusal);
  }
});
