import { describe, expect, it } from 'vitest';
import type { Message, MessageQueue } from '../../core/ports/message-queue.ts';
import { oddTexts, sortedByUtf8 } from './odd-texts.ts';
import { expectError, expectFailures, type Factory, sixteen, subjectOf } from './subject.ts';

/** What every MessageQueue must do. */
export function messageQueueContract(factory: Factory<MessageQueue>): void {
  describe('MessageQueue', () => {
    deliveries(factory);
    concurrency(factory);
    limits(factory);
  });
}

/** Receives until nothing is visible. */
async function drain(port: MessageQueue): Promise<Message[]> {
  const all: Message[] = [];
  for (let some = await port.receive(10, 60); some.length > 0; some = await port.receive(10, 60)) {
    all.push(...some);
  }
  return all;
}

function deliveries(factory: Factory<MessageQueue>): void {
  it('delivers what was sent, and no more once it is removed', async () => {
    const { port, pass } = await subjectOf(factory);
    await port.send('{"dead":1}');
    const [message, ...others] = await port.receive(10, 30);
    expect(others).toEqual([]);
    expect(message).toEqual({
      body: '{"dead":1}',
      deliveries: 1,
      receipt: expect.stringMatching(/./),
    });
    await port.remove(message!.receipt);
    await pass(31);
    expect(await port.receive(10, 30)).toEqual([]);
  });

  it('gives an empty array and silence where nothing is there', async () => {
    const { port } = await subjectOf(factory);
    expect(await port.receive(10, 30)).toEqual([]);
    await port.send('a');
    const [message] = await port.receive(1, 30);
    await port.remove(message!.receipt);
    expect(await port.remove(message!.receipt)).toBeUndefined();
  });

  it('hides a received message, then delivers it again and counts', async () => {
    const { port, another, pass } = await subjectOf(factory);
    await port.send('a');
    expect(await port.receive(1, 2)).toHaveLength(1);
    expect(await port.receive(1, 2)).toEqual([]);
    expect(await (await another()).receive(1, 2)).toEqual([]);
    await pass(2);
    expect(await port.receive(1, 2)).toMatchObject([{ body: 'a', deliveries: 2 }]);
    await pass(2);
    expect(await port.receive(1, 2)).toMatchObject([{ body: 'a', deliveries: 3 }]);
  });

  it('removes nothing by the receipt of an earlier delivery', async () => {
    const { port, pass } = await subjectOf(factory);
    await port.send('a');
    const [first] = await port.receive(1, 1);
    await pass(2);
    const [second] = await port.receive(1, 1);
    await port.remove(first!.receipt);
    await pass(2);
    const [third] = await port.receive(1, 1);
    expect(third).toMatchObject({ body: 'a', deliveries: 3 });
    await pass(2);
    await port.remove(second!.receipt);
    expect(await port.receive(1, 1)).toMatchObject([{ body: 'a', deliveries: 4 }]);
  });

  it('removes a message that is visible again, but was not received again', async () => {
    const { port, pass } = await subjectOf(factory);
    await port.send('a');
    const [message] = await port.receive(1, 1);
    await pass(2);
    await port.remove(message!.receipt);
    expect(await port.receive(1, 1)).toEqual([]);
  });

  it('takes any text for a receipt that may be void', async () => {
    const { port } = await subjectOf(factory);
    await port.send('a');
    for (const receipt of ['', '1:1', 'nonsense', ...oddTexts]) {
      expect(await port.remove(receipt), receipt).toBeUndefined();
    }
    expect(await port.receive(1, 30)).toMatchObject([{ body: 'a', deliveries: 1 }]);
  });

  it('keeps equal messages apart', async () => {
    const { port } = await subjectOf(factory);
    await port.send('same');
    await port.send('same');
    const messages = await drain(port);
    expect(messages.map((message) => message.body)).toEqual(['same', 'same']);
    expect(new Set(messages.map((message) => message.receipt)).size).toBe(2);
  });
}

function concurrency(factory: Factory<MessageQueue>): void {
  it('gives each of many messages to one of many receivers', async () => {
    const { port, another } = await subjectOf(factory);
    const ports = await Promise.all(sixteen.map(() => another()));
    const bodies = Array.from({ length: 48 }, (_, i) => `message ${String(i).padStart(2, '0')}`);
    await Promise.all(bodies.map((body, i) => ports[i % 16]!.send(body)));
    const received = (await Promise.all(ports.map(drain))).flat();
    expect(received.map((message) => message.body).sort()).toEqual(bodies);
    await Promise.all(received.map((message) => port.remove(message.receipt)));
  });

  it('gives one message to exactly one of sixteen racing receivers', async () => {
    const { port, another } = await subjectOf(factory);
    const ports = await Promise.all(sixteen.map(() => another()));
    await port.send('one');
    const received = await Promise.all(ports.map((one) => one.receive(10, 60)));
    expect(received.flat()).toHaveLength(1);
  });
}

function limits(factory: Factory<MessageQueue>): void {
  it('takes a body of messageBytesMax UTF-8 bytes and refuses one more', async () => {
    const { port } = await subjectOf(factory);
    expect(port.messageBytesMax).toBeGreaterThanOrEqual(48_000);
    const ascii = 'x'.repeat(port.messageBytesMax);
    const wide = 'ü'.repeat(Math.floor(port.messageBytesMax / 2));
    await port.send(ascii);
    await port.send(wide);
    await expectError(port.send(`${ascii}x`), 'too-large');
    await expectError(port.send(`${wide}üü`), 'too-large');
    expect((await drain(port)).map((message) => message.body).sort()).toEqual([ascii, wide]);
  });

  it('takes odd bodies as they are, and no empty or broken one', async () => {
    const { port } = await subjectOf(factory);
    for (const body of oddTexts) await port.send(body);
    const bodies = (await drain(port)).map((message) => message.body);
    expect(sortedByUtf8(bodies)).toEqual(sortedByUtf8(oddTexts));
    await expectError(port.send(''), 'request');
    await expectError(port.send('\udfff'), 'request');
  });

  it('receives at most as many as asked for, of 1 to 10, for 1 to 3,600 seconds', async () => {
    const { port } = await subjectOf(factory);
    for (let i = 0; i < 12; i += 1) await port.send(String(i));
    expect((await port.receive(1, 3_600)).length).toBe(1);
    expect((await port.receive(10, 1)).length).toBeLessThanOrEqual(10);
    for (const max of [0, 11, 1.5]) await expectError(port.receive(max, 30), 'request');
    for (const seconds of [0, 3_601]) await expectError(port.receive(1, seconds), 'request');
  });

  it('maps failures of the transport to their codes', async () => {
    await expectFailures(
      factory,
      [(port) => port.send('a'), (port) => port.receive(1, 30), (port) => port.remove('1:1')],
      [],
    );
  });
}
