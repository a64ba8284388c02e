import rhea, { type Delivery, type EventContext, type Receiver } from 'rhea';
import { type AmqpCondition, amqpOf, Refusal } from './conditions.ts';
import type { Partition, Place } from './hub.ts';
import type { StoredEvent } from './partition-log.ts';
import { type ProducerState, producerNames } from './producers.ts';
import { bigintOf, cut, desires, long, replyWith, socketOf } from './rhea-internals.ts';
import { batchOf } from './stored-event.ts';

/** One send that arrived, before anything is stored. */
export interface Send {
  readonly hub: string;
  readonly partition: string;
  readonly events: number;
}

/**
 * What goes wrong with a send: it is refused, it is stored and never acknowledged, or it is stored and the connection
 * cut before the acknowledgement.
 */
export type SendFault = { readonly reject: AmqpCondition } | 'withhold' | 'cut';

/** What sends are judged and kept with. */
export interface PublishingParts {
  readonly messageBytesMax: number;
  readonly fault: (send: Send) => SendFault | null;
  /** Called before a send is acknowledged. */
  readonly stored: (
    hub: string,
    partition: Partition,
    events: readonly StoredEvent[],
    producer: ProducerState | null,
  ) => void;
}

/** Opens a link on which a client sends to a hub or to one of its partitions. */
export function openPublishing(link: Receiver, place: Place, parts: PublishingParts): void {
  const producer = producerOf(link, place);
  link.set_target({ address: link.target.address as string });
  replyWith(link, {
    max_message_size: parts.messageBytesMax,
    ...(producer === null ? {} : { properties: propertiesOf(producer) }),
  });
  link.on('message', (context: EventContext) => {
    const delivery = context.delivery as Delivery;
    const bytes = context.message as unknown as Buffer;
    try {
      take(bytes, delivery, { link, place, parts, producer });
    } catch (error) {
      delivery.reject(amqpOf(error));
    }
  });
}

function take(
  bytes: Buffer,
  delivery: Delivery,
  to: {
    readonly link: Receiver;
    readonly place: Place;
    readonly parts: PublishingParts;
    readonly producer: ProducerState | null;
  },
): void {
  const { link, place, parts, producer } = to;
  if (bytes.length > parts.messageBytesMax) throw tooLarge(bytes.length, parts.messageBytesMax);
  const { messages, partitionKey } = batchOf(bytes, delivery.format);
  const partition = place.partition ?? place.hub.route(partitionKey);
  const { name } = place.hub;
  const fault = parts.fault({ hub: name, partition: partition.id, events: messages.length });
  if (fault !== null && typeof fault === 'object') {
    delivery.reject(fault.reject);
    return;
  }
  const taken = producer === null ? null : partition.producers.take(producer.id, messages);
  if (producer === null || taken !== null) {
    parts.stored(name, partition, partition.log.append(messages), taken);
  }
  if (fault === 'cut') cut(socketOf(link.connection));
  else if (fault === null) delivery.accept();
}

function producerOf(link: Receiver, { partition }: Place): ProducerState | null {
  if (!desires(link, producerNames.capability)) return null;
  if (partition === null) {
    const text = 'An idempotent producer must send to one partition.';
    throw new Refusal('com.microsoft:argument-error', text);
  }
  const asked = (name: string) => bigintOf(link.properties?.[name]);
  return partition.producers.open(
    {
      id: asked(producerNames.id),
      epoch: asked(producerNames.epoch),
      sequence: asked(producerNames.sequence),
    },
    { close: ({ amqp }) => link.close(amqp) },
  );
}

function propertiesOf({ id, epoch, sequence }: ProducerState): object {
  return {
    [producerNames.id]: long(id),
    [producerNames.epoch]: rhea.types.wrap_short(Number(epoch)),
    [producerNames.sequence]: rhea.types.wrap_int(Number(sequence)),
  };
}

function tooLarge(bytes: number, most: number): Refusal {
  const text = `The received message (delivery-id:0, size:${bytes} bytes) exceeds the limit (${most} bytes) currently allowed on the link.`;
  return new Refusal('amqp:link:message-size-exceeded', text);
}
