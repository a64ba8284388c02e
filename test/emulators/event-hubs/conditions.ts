/** An error as AMQP carries it. The client makes its error codes out of the condition, and sometimes of the text. */
export interface AmqpCondition {
  readonly condition: string;
  readonly description: string;
}

/** A request that is refused, with what the client is told. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly amqp: AmqpCondition;

  constructor(condition: string, description: string) {
    super(description);
    this.amqp = { condition, description };
  }
}

/** What a client is told of an error. One that is no refusal is a mistake in here, and ends the process as well. */
export function amqpOf(error: unknown): AmqpCondition {
  if (error instanceof Refusal) return error.amqp;
  // Thrown where it is, the AMQP library would take it for a broken connection and go on.
  queueMicrotask(() => {
    throw error;
  });
  return { condition: 'amqp:internal-error', description: String(error) };
}

/** What a namespace over its throughput units says. */
export const serverBusy: AmqpCondition = {
  condition: 'com.microsoft:server-busy',
  description: 'The request was terminated because the namespace is being throttled.',
};

/** No hub, consumer group or partition is at this address. The text is what clients look at. */
export function notFound(address: string): Refusal {
  const text = `The messaging entity '${address}' could not be found.`;
  return new Refusal('amqp:not-found', text);
}

/** The partition is none of the hub's. */
export function noSuchPartition(id: string, partitions: number): Refusal {
  const text =
    `The specified partition is invalid for an EventHub partition sender or receiver. ` +
    `It should be between 0 and ${partitions - 1}, and is '${id}'.`;
  return new Refusal('com.microsoft:argument-out-of-range', text);
}
