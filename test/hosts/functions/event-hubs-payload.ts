import type { ReceivedEventData } from '@azure/event-hubs';
import type { Binding, TypedData } from './rpc.ts';

/** How the worker's version of the protocol hands over 64-bit integers. */
export type SequenceNumberForm = 'number' | 'text' | 'halves';

/** Where the events come from, and what follows the invocation. */
export interface EventsContext {
  readonly fullyQualifiedNamespace: string;
  readonly eventHubName: string;
  readonly consumerGroup: string;
  readonly partitionId: string;
  readonly sequenceNumberForm: SequenceNumberForm;
}

/** The events as the trigger's argument. Throws where the host fails the batch before the function runs. */
export function eventsInput(events: readonly ReceivedEventData[], binding: Binding): TypedData {
  const bodies = events.map(({ body }) => {
    if (Buffer.isBuffer(body)) return body;
    throw new Error('An event whose body is not one of bytes can not be bound.');
  });
  if (binding.dataType === 'binary') return { collectionBytes: { bytes: bodies } };
  const texts = bodies.map((body) => body.toString('utf8'));
  if (binding.dataType === 'string') return stringCollection(texts);
  // Without a data type the host converts each body to an object itself.
  return { json: JSON.stringify(texts.map((text) => JSON.parse(text) as unknown)) };
}

/** What the host sends beside the events: one item per event in each array, except where it drops empty ones. */
export function eventsMetadata(
  events: readonly ReceivedEventData[],
  context: EventsContext,
): Record<string, TypedData> {
  const { sequenceNumberForm, ...partition } = context;
  const form = forms[sequenceNumberForm];
  return {
    PartitionContext: json(capitalised(partition)),
    PartitionKeyArray: stringCollection(events.map(({ partitionKey }) => partitionKey ?? '')),
    OffsetArray: stringCollection(events.map(({ offset }) => offset)),
    SequenceNumberArray: {
      collectionSint64: { sint64: events.map(({ sequenceNumber }) => form(sequenceNumber)) },
    },
    EnqueuedTimeUtcArray: json(events.map(({ enqueuedTimeUtc }) => dateTime(enqueuedTimeUtc))),
    PropertiesArray: json(events.map(({ properties }) => properties ?? {})),
    SystemPropertiesArray: json(events.map(systemProperties)),
  };
}

function systemProperties(event: ReceivedEventData) {
  return {
    ...event.systemProperties,
    SequenceNumber: event.sequenceNumber,
    Offset: event.offset,
    PartitionKey: event.partitionKey ?? null,
    EnqueuedTimeUtc: dateTime(event.enqueuedTimeUtc),
  };
}

const forms: Readonly<Record<SequenceNumberForm, (value: number) => unknown>> = {
  number: (value) => value,
  text: String,
  halves: (value) => ({
    low: Number(BigInt.asIntN(32, BigInt(value))),
    high: Number(BigInt(value) >> 32n),
    unsigned: false,
  }),
};

/** The worker's protocol has no null in a collection of texts, and the host leaves empty ones out. */
const stringCollection = (texts: readonly string[]): TypedData => ({
  collectionString: { string: texts.filter((text) => text !== '') },
});

const json = (value: unknown): TypedData => ({ json: JSON.stringify(value) });

/** As .NET writes a date without a zone: no Z, and no fraction where there is none. */
const dateTime = (date: Date): string => date.toISOString().replace(/(\.000)?Z$/, '');

const capitalised = (value: object) =>
  Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name.replace(/^./, (c) => c.toUpperCase()), each]),
  );
