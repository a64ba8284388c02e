import {
  EventHubConsumerClient,
  EventHubProducerClient,
  type EventPosition,
  type ReceivedEventData,
  type SubscribeOptions,
} from '@azure/event-hubs';
import { onTestFinished } from 'vitest';
import { type EventHubs, type EventHubsOptions, startEventHubs } from './event-hubs.ts';

/** One try, and soon over: the client's own patience is four tries of up to a minute, half a minute apart. */
export const once = { retryOptions: { maxRetries: 0, timeoutInMs: 20_000 } };
/** As many tries as the client makes by default, a moment apart. */
export const patient = { retryOptions: { maxRetries: 3, retryDelayInMs: 10, timeoutInMs: 2_000 } };
/** The start of a partition. */
export const start: EventPosition = { offset: '-1' };

/** An emulator that ends with the test; its hub is `hub`. */
export async function hub(
  options: Partial<EventHubsOptions> & { readonly partitions?: number } = {},
): Promise<EventHubs> {
  const { partitions = 2, ...rest } = options;
  const emulator = await startEventHubs({
    hubs: { hub: { partitions, consumerGroups: ['Readers'] } },
    ...rest,
  });
  onTestFinished(() => emulator.stop());
  return emulator;
}

/** A producer that closes when the test ends. */
export function producerOf(
  emulator: EventHubs | string,
  options: object = once,
): EventHubProducerClient {
  const client = new EventHubProducerClient(connectionOf(emulator), options);
  onTestFinished(() => client.close());
  return client;
}

/** A consumer that closes when the test ends. */
export function consumerOf(
  emulator: EventHubs | string,
  options: object = once,
  group = '$Default',
): EventHubConsumerClient {
  const client = new EventHubConsumerClient(group, connectionOf(emulator), options);
  onTestFinished(() => client.close());
  return client;
}

/** The first `count` events of a partition from a position on. */
export async function receive(
  client: EventHubConsumerClient,
  partition: string,
  count: number,
  startPosition: EventPosition = start,
  options: Partial<SubscribeOptions> = {},
): Promise<ReceivedEventData[]> {
  const reader = read(client, partition, { startPosition, maxBatchSize: 100, ...options });
  try {
    return await reader.until(count);
  } finally {
    await reader.close();
  }
}

/** A subscription and what it received so far. */
export interface Reading {
  readonly events: ReceivedEventData[];
  /** The first time that nothing came for `maxWaitTimeInSeconds`. */
  readonly idle: Promise<void>;
  /** The first error; never rejects. */
  readonly failed: Promise<Error & { code?: string }>;
  /** Why the subscription ended. */
  readonly closed: Promise<string>;
  /** Waits for so many events; rejects at the first error. */
  until(count: number): Promise<ReceivedEventData[]>;
  close(): Promise<void>;
}

/** Reads a partition until it is closed. */
export function read(
  client: EventHubConsumerClient,
  partition: string,
  options: SubscribeOptions,
): Reading {
  const events: ReceivedEventData[] = [];
  const failed = Promise.withResolvers<Error>();
  const closed = Promise.withResolvers<string>();
  const idle = Promise.withResolvers<void>();
  const waiting = new Set<() => void>();
  const subscription = client.subscribe(
    partition,
    {
      processEvents: async (received) => {
        events.push(...received);
        if (received.length === 0) idle.resolve();
        for (const look of waiting) look();
      },
      processError: async (error) => failed.resolve(error),
      processClose: async (reason) => closed.resolve(reason),
    },
    options,
  );
  return {
    events,
    idle: idle.promise,
    failed: failed.promise,
    closed: closed.promise,
    until: (count) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (events.length >= count) resolve(events.slice(0, count));
        };
        waiting.add(look);
        look();
        failed.promise.then(reject, reject);
      }),
    close: () => subscription.close(),
  };
}

/** The code of the error that a call ends with. */
export async function codeOf(call: Promise<unknown>): Promise<string | undefined> {
  const error = await call.then(
    () => new Error('The call succeeded.'),
    (thrown: unknown) => thrown,
  );
  return (innermost(error) as { code?: string }).code ?? String(error);
}

/** Sends texts to a partition. */
export async function send(
  client: EventHubProducerClient,
  partitionId: string,
  ...texts: readonly string[]
): Promise<void> {
  await client.sendBatch(
    texts.map((body) => ({ body })),
    { partitionId },
  );
}

function connectionOf(emulator: EventHubs | string): string {
  return typeof emulator === 'string' ? emulator : emulator.connectionString('hub');
}

function innermost(error: unknown): unknown {
  return error instanceof AggregateError ? innermost(error.errors.at(-1)) : error;
}
