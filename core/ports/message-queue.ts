/** A message as received. */
export interface Message {
  readonly body: string;
  /** How often it was received, this time included. */
  readonly deliveries: number;
  /** Names this delivery for `remove`; void once the message was received again. */
  readonly receipt: string;
}

/**
 * Notices, at least once and in no promised order.
 *
 * - Nothing there: `receive` gives an empty array at once; `remove` of a void receipt does nothing.
 * - A body is well-formed text of up to `messageBytesMax` UTF-8 bytes, and not empty.
 * - Errors: `throttled`, `unavailable`, `too-large`.
 * - Concurrent calls are safe: a message is with one receiver at a time while its visibility lasts.
 */
export abstract class MessageQueue {
  abstract readonly messageBytesMax: number;
  abstract send(body: string): Promise<void>;
  /** At most `max` (1 to 10) messages, hidden from others for `visibilitySeconds` (1 to 3,600). */
  abstract receive(max: number, visibilitySeconds: number): Promise<Message[]>;
  abstract remove(receipt: string): Promise<void>;
}
