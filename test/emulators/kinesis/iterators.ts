import { type Input, required, text } from './fields.ts';
import { invalidArgument, ServiceError } from './service-error.ts';

/** Where a reader is: in its shard, before the first record at `position` or later. */
export interface Place {
  readonly stream: string;
  /** When the stream was made: a stream made anew by the same name is another one. */
  readonly created: number;
  readonly shard: string;
  readonly position: bigint;
}

/** An iterator may be used for five minutes. */
const iteratorMs = 300_000;

/** A text for a place; to readers it says nothing. */
export function iteratorOf(place: Place, now: number): string {
  const { stream, created, shard, position } = place;
  const parts = [now, stream, created, shard, position];
  return Buffer.concat([mark, Buffer.from(parts.join('/'))]).toString('base64');
}

/** Eight bytes that the service's own begin with, too. */
const mark = Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]);

const form = /^(\d+)\/([\w.-]+)\/(\d+)\/(shardId-\d{12})\/(\d+)$/;
type Texts = [all: string, string, string, string, string, string];

/**
 * The place of an iterator.
 *
 * @throws ServiceError InvalidArgumentException for other texts, ExpiredIteratorException.
 */
export function placeOf(input: Input, now: number): Place {
  const iterator = required(text(input, 'ShardIterator', { charactersMin: 1 }), 'ShardIterator');
  const bytes = Buffer.from(iterator, 'base64');
  const parts = form.exec(bytes.subarray(mark.length).toString());
  if (!bytes.subarray(0, mark.length).equals(mark) || parts === null) {
    throw invalidArgument('Invalid ShardIterator.');
  }
  const [, made, stream, created, shard, position] = parts as unknown as Texts;
  if (now - Number(made) > iteratorMs) {
    const message =
      `Iterator expired. The iterator was created at time ${new Date(Number(made)).toUTCString()} while right ` +
      `now it is ${new Date(now).toUTCString()} which is further in the future than the ` +
      `tolerated delay of ${iteratorMs} milliseconds.`;
    throw new ServiceError('ExpiredIteratorException', message);
  }
  return { stream, created: Number(created), shard, position: BigInt(position) };
}
