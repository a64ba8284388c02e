import type { MessageQueue } from '../../core/ports/message-queue.ts';
import type { ObjectStore } from '../../core/ports/object-store.ts';
import { type ResultMessage, ResultSink } from '../../core/ports/result-sink.ts';
import { putAside } from './claim-check.ts';

/** Messages under way at once. */
const lanes = 16;

/**
 * Results in a queue, one message each. One that is too large for the queue is put into the object store, and its
 * message says where: `{"object":"results/…"}`.
 */
export class QueueResultSink extends ResultSink {
  private readonly queue: MessageQueue;
  private readonly objects: ObjectStore;

  constructor(queue: MessageQueue, objects: ObjectStore) {
    super();
    this.queue = queue;
    this.objects = objects;
  }

  override async publish(messages: readonly ResultMessage[]): Promise<void> {
    const left = [...messages];
    const lane = async (): Promise<void> => {
      for (let one = left.shift(); one !== undefined; one = left.shift()) await this.send(one);
    };
    const all = await Promise.allSettled(Array.from({ length: lanes }, lane));
    const failed = all.find((one) => one.status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  private async send(message: ResultMessage): Promise<void> {
    const isLarge = Buffer.byteLength(message.json) > this.queue.messageBytesMax;
    await this.queue.send(isLarge ? await putAside(this.objects, message) : message.json);
  }
}
