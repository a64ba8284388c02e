/** One row on its way to those who take results. */
export interface ResultMessage {
  /** The same for the same row whenever it is sent: who has seen it may pass over it. */
  readonly id: string;
  /** Text that the messages of one row key share: where order matters, they keep together. */
  readonly key: string;
  /** The message, a JSON object in one line; it holds its id. */
  readonly json: string;
}

/**
 * Where results of views go: a queue, a stream, a webhook.
 *
 * - When `publish` resolves, every message has been taken. When it throws, any of them may have been.
 * - Errors: `throttled`, `unavailable`: the core sends all of them again. Any other stays until somebody mends what
 *   it names, and is tried again in the next round.
 * - Messages have no promised order, and may be there more than once. `publish([])` does nothing.
 * - Concurrent calls are safe.
 */
export abstract class ResultSink {
  abstract publish(messages: readonly ResultMessage[]): Promise<void>;
}
