import type { QueueClient } from '@azure/storage-queue';
import { type Message, MessageQueue } from '../../core/ports/message-queue.ts';
import { checkMessage, checkReceive } from '../arguments.ts';
import { storageCode, storageError } from './errors.ts';

/** What the service says of a receipt that is void, or was none. */
const voidReceipt = new Set([
  'MessageNotFound',
  'PopReceiptMismatch',
  'InvalidQueryParameterValue',
  'OutOfRangeInput',
]);

/**
 * A {@link MessageQueue} in a queue of Azure Queue storage. Its client is made with
 * `retryOptions: { maxTries: 1 }`.
 *
 * A message of the service has up to 64 KB of text that XML can hold, so ours is base64, as Azure
 * Functions writes and reads by default (`messageEncoding` in host.json). Messages don't expire.
 */
export class QueueMessageQueue extends MessageQueue {
  override readonly messageBytesMax = 48_000;
  private readonly queue: QueueClient;
  private readonly callMs: number;

  /** `callMs`: how long a call may take, milliseconds, default 30,000. */
  constructor(queue: QueueClient, options: { readonly callMs?: number } = {}) {
    super();
    this.queue = queue;
    this.callMs = options.callMs ?? 30_000;
  }

  override async send(body: string): Promise<void> {
    checkMessage(body, this.messageBytesMax);
    const text = Buffer.from(body, 'utf8').toString('base64');
    try {
      await this.queue.sendMessage(text, { abortSignal: this.limit(), messageTimeToLive: -1 });
    } catch (cause) {
      throw storageError('send a message', cause);
    }
  }

  override async receive(max: number, visibilitySeconds: number): Promise<Message[]> {
    checkReceive(max, visibilitySeconds);
    const options = { numberOfMessages: max, visibilityTimeout: visibilitySeconds };
    try {
      const abortSignal = this.limit();
      const response = await this.queue.receiveMessages({ ...options, abortSignal });
      return response.receivedMessageItems.map((item) => ({
        body: Buffer.from(item.messageText, 'base64').toString('utf8'),
        deliveries: item.dequeueCount,
        receipt: `${item.messageId}:${item.popReceipt}`,
      }));
    } catch (cause) {
      throw storageError('receive messages', cause);
    }
  }

  override async remove(receipt: string): Promise<void> {
    const [, id, popReceipt] = /^([\w-]+):([\w+/=-]+)$/.exec(receipt) ?? [];
    if (id === undefined || popReceipt === undefined) return;
    try {
      await this.queue.deleteMessage(id, popReceipt, { abortSignal: this.limit() });
    } catch (cause) {
      if (voidReceipt.has(storageCode(cause))) return;
      throw storageError('remove a message', cause);
    }
  }

  /** How many messages there are, about; none in a queue that is not there. */
  async depth(): Promise<number> {
    try {
      const response = await this.queue.getProperties({ abortSignal: this.limit() });
      return response.approximateMessagesCount ?? 0;
    } catch (cause) {
      if (storageCode(cause) === 'QueueNotFound') return 0;
      throw storageError('ask for the length of the queue', cause);
    }
  }

  private limit(): AbortSignal {
    return AbortSignal.timeout(this.callMs);
  }
}
