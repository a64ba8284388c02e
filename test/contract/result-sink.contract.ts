import { describe, expect, it } from 'vitest';
import { MemoryObjectStore } from '../../adapters/memory/memory-object-store.ts';
import { QueueResultSink } from '../../adapters/sinks/queue-result-sink.ts';
import { StreamResultSink } from '../../adapters/sinks/stream-result-sink.ts';
import type { MessageQueue } from '../../core/ports/message-queue.ts';
import type { ResultMessage, ResultSink } from '../../core/ports/result-sink.ts';
import type { Stream } from './stream.contract.ts';
import { expectFailures, type Factory, type Subject, subjectOf } from './subject.ts';

/** A sink, and all that those who take results get from it, as JSON texts. */
export interface SinkSubject {
  readonly sink: ResultSink;
  readonly received: () => Promise<string[]>;
}

/** A message of about so many bytes. */
export function message(id: string, bytes = 0): ResultMessage {
  const json = JSON.stringify({ id, kind: 'final', text: `ü"\u2028${'x'.repeat(bytes)}` });
  return { id, key: `["${id}"]`, json };
}

/** What every ResultSink must do. */
export function resultSinkContract(name: string, factory: Factory<SinkSubject>): void {
  describe(`ResultSink: ${name}`, () => {
    it('takes nothing, one, and many messages, each whole', async () => {
      const { port } = await subjectOf(factory);
      await port.sink.publish([]);
      expect(await port.received()).toEqual([]);
      const messages = Array.from({ length: 60 }, (_, i) => message(`m${i}`));
      await port.sink.publish(messages.slice(0, 1));
      await port.sink.publish(messages.slice(1));
      expect((await port.received()).sort()).toEqual(messages.map(({ json }) => json).sort());
    });

    it('takes messages of several calls at once', async () => {
      const { port } = await subjectOf(factory);
      const messages = Array.from({ length: 40 }, (_, i) => message(`m${i}`));
      await Promise.all(
        [0, 10, 20, 30].map((from) => port.sink.publish(messages.slice(from, from + 10))),
      );
      expect((await port.received()).sort()).toEqual(messages.map(({ json }) => json).sort());
    });

    it('takes a message that is larger than most', async () => {
      const { port } = await subjectOf(factory);
      const large = [message('large', 200_000), message('larger', 700_000), message('small')];
      await port.sink.publish(large);
      expect((await port.received()).sort()).toEqual(large.map(({ json }) => json).sort());
    });

    it('throws what another try may cure while it can not take messages', async () => {
      await expectFailures(factory, [({ sink }) => sink.publish([message('a')])], []);
    });
  });
}

/** A sink over a queue; its consumer follows what a message that was put aside refers to. */
export function queueSink(queues: Factory<MessageQueue>): Factory<SinkSubject> {
  return over(queues, (queue, objects) => ({
    sink: new QueueResultSink(queue, objects),
    received: async () => {
      const texts: string[] = [];
      for (let some = await queue.receive(10, 60); some.length > 0; ) {
        for (const { body } of some) {
          const { object } = JSON.parse(body);
          const bytes = object === undefined ? null : await objects.get(object);
          texts.push(bytes === null ? body : new TextDecoder().decode(bytes));
        }
        some = await queue.receive(10, 60);
      }
      return texts;
    },
  }));
}

/** A sink over a stream; its consumer reads all partitions. */
export function streamSink(streams: Factory<Stream>): Factory<SinkSubject> {
  return over(streams, ({ publisher, reader }) => ({
    sink: new StreamResultSink(publisher, 64),
    received: async () => {
      const texts: string[] = [];
      for (const { id } of await reader.partitions()) {
        for (let from = (await reader.bounds(id)).earliest, more = true; more; ) {
          const { records, caughtUp } = await reader.read(id, from, 100);
          const bodies = records.map(({ body }) => new TextDecoder().decode(body));
          texts.push(...bodies.flatMap((body) => body.split('\n')));
          from = (records.at(-1)?.position ?? from - 1n) + 1n;
          more = !caughtUp;
        }
      }
      return texts;
    },
  }));
}

function over<Port>(
  factory: Factory<Port>,
  make: (port: Port, objects: MemoryObjectStore) => SinkSubject,
): Factory<SinkSubject> {
  return async (): Promise<Subject<SinkSubject>> => {
    const subject = await factory();
    const objects = new MemoryObjectStore();
    const port = make(subject.port, objects);
    return { ...subject, port, another: async () => make(await subject.another(), objects) };
  };
}
