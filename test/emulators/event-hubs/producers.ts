import { randomInt } from 'node:crypto';
import { Refusal } from './conditions.ts';
import type { Published } from './stored-event.ts';

/** What a link of an idempotent producer goes by. */
export interface ProducerState {
  readonly id: bigint;
  readonly epoch: bigint;
  /** The number of the last event that the producer knows to be stored. */
  readonly sequence: bigint;
}

/** A link of an idempotent producer; `close` tells it that another one took its place. */
export interface ProducerLink {
  close(refusal: Refusal): void;
}

/** Names of link properties and of annotations. */
export const producerNames = {
  capability: 'com.microsoft:idempotent-producer',
  id: 'com.microsoft:producer-id',
  epoch: 'com.microsoft:producer-epoch',
  sequence: 'com.microsoft:producer-sequence-number',
} as const;

/** The idempotent producers of one partition: what each has stored, so that a repeat is told from news. */
export class Producers {
  private readonly known = new Map<
    bigint,
    { epoch: bigint; sequence: bigint; link: ProducerLink | null }
  >();

  constructor(kept: readonly ProducerState[]) {
    for (const { id, epoch, sequence } of kept) this.known.set(id, { epoch, sequence, link: null });
  }

  /**
   * Opens a link for what the client asks; null stands for what it leaves to the broker.
   *
   * @throws Refusal when another link of the producer has a higher epoch.
   */
  open(
    asked: { readonly [K in keyof ProducerState]: bigint | null },
    link: ProducerLink,
  ): ProducerState {
    const id = asked.id ?? BigInt(randomInt(1, 2 ** 31));
    const before = this.known.get(id);
    const epoch = asked.epoch ?? before?.epoch ?? 0n;
    if (before !== undefined && epoch < before.epoch) throw stolen(before.epoch, epoch);
    if (before !== undefined && epoch > before.epoch)
      before.link?.close(stolen(epoch, before.epoch));
    const sequence = asked.sequence ?? before?.sequence ?? 0n;
    // The client's own number goes back to it, and ours stays: with ours it would renumber the events whose
    // acknowledgement was lost, and they would be stored twice.
    this.known.set(id, { epoch, sequence: before?.sequence ?? sequence, link });
    return { id, epoch, sequence };
  }

  /**
   * What the producer has stored with these messages, or null if they are a repeat.
   *
   * @throws Refusal when some are missing before them.
   */
  take(id: bigint, messages: readonly Published[]): ProducerState | null {
    const producer = this.known.get(id);
    const numbers = messages.map(
      ({ annotations }) => annotations.get(producerNames.sequence)?.value,
    );
    const [first] = numbers;
    if (producer === undefined || typeof first !== 'bigint') throw outOfOrder('none', 0n);
    const last = first + BigInt(messages.length - 1);
    if (last <= producer.sequence) return null;
    if (first !== producer.sequence + 1n) throw outOfOrder(String(first), producer.sequence);
    producer.sequence = last;
    return { id, epoch: producer.epoch, sequence: last };
  }
}

function stolen(higher: bigint, lower: bigint): Refusal {
  const text = `A producer with epoch '${higher}' exists, so the one with epoch '${lower}' is closed.`;
  return new Refusal('com.microsoft:producer-epoch-stolen', text);
}

function outOfOrder(got: string, last: bigint): Refusal {
  const text = `The sequence number '${got}' does not follow '${last}', the last one of this producer.`;
  return new Refusal('com.microsoft:out-of-order-sequence', text);
}
