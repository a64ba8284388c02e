import type { Clock } from '../../core/ports/clock.ts';
import { type Message, MessageQueue } from '../../core/ports/message-queue.ts';
import { checkMessage, checkReceive } from '../arguments.ts';
import { type Fault, withFault } from './fault.ts';

interface StoredMessage {
  readonly body: string;
  deliveries: number;
  /** Epoch milliseconds. */
  visibleAt: number;
}

/** What a {@link MemoryMessageQueue} may be told. */
export interface MemoryMessageQueueOptions {
  /** Default 48,000. */
  readonly messageBytesMax?: number;
  readonly fault?: Fault;
}

/** A {@link MessageQueue} in memory, on the time of `clock`. */
export class MemoryMessageQueue extends MessageQueue {
  override readonly messageBytesMax: number;
  private readonly clock: Clock;
  private readonly fault: Fault | undefined;
  private readonly messages = new Map<number, StoredMessage>();
  private sent = 0;

  constructor(clock: Clock, options: MemoryMessageQueueOptions = {}) {
    super();
    this.clock = clock;
    this.messageBytesMax = options.messageBytesMax ?? 48_000;
    this.fault = options.fault;
  }

  override async send(body: string): Promise<void> {
    checkMessage(body, this.messageBytesMax);
    return withFault(this.fault, 'send', () => {
      this.messages.set(this.sent, { body, deliveries: 0, visibleAt: 0 });
      this.sent += 1;
    });
  }

  override async receive(max: number, visibilitySeconds: number): Promise<Message[]> {
    checkReceive(max, visibilitySeconds);
    return withFault(this.fault, 'receive', () => {
      const now = this.clock.now();
      const received: Message[] = [];
      for (const [id, message] of this.messages) {
        if (received.length >= max) break;
        if (message.visibleAt > now) continue;
        message.deliveries += 1;
        message.visibleAt = now + visibilitySeconds * 1000;
        const { body, deliveries } = message;
        received.push({ body, deliveries, receipt: `${id}:${deliveries}` });
      }
      return received;
    });
  }

  override async remove(receipt: string): Promise<void> {
    return withFault(this.fault, 'remove', () => {
      const match = /^(\d{1,15}):(\d{1,15})$/.exec(receipt);
      if (match === null) return;
      const id = Number(match[1]);
      if (this.messages.get(id)?.deliveries === Number(match[2])) this.messages.delete(id);
    });
  }
}
