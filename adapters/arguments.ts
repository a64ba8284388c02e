import { MillraceError } from '../core/errors.ts';
import type { OutgoingRecord } from '../core/ports/event-publisher.ts';
import type { ItemKey } from '../core/ports/state-store.ts';

/**
 * UTF-8 bytes of each half of an item's key, at most. Azure's stores take an odd byte as three
 * characters (`ordered-names.ts`), and both halves must fit into a blob's name of 1,024.
 */
export const keyBytesMax = 170;
/** UTF-8 bytes of an object's name, at most: as a blob's name it has up to three times as many. */
export const nameBytesMax = 340;
/** Messages of one `receive`, at most. */
export const receiveMessagesMax = 10;
/** How long `receive` may hide a message, seconds, at most. */
export const visibilitySecondsMax = 3_600;

/**
 * Refuses text that a port does not promise to take.
 *
 * @throws MillraceError `request` for a lone surrogate (as UTF-8 it would equal other texts),
 * `too-large`.
 */
export function checkText(what: string, text: string, bytesMax: number): void {
  if (!text.isWellFormed()) {
    throw new MillraceError('request', `${what} holds half of a surrogate pair.`);
  }
  // No UTF-16 unit takes more than three bytes, so most texts need no count.
  if (text.length * 3 > bytesMax) checkBytes(what, Buffer.byteLength(text), bytesMax);
}

/** @throws MillraceError `too-large` when `bytes` is over `bytesMax`. */
export function checkBytes(what: string, bytes: number, bytesMax: number): void {
  if (bytes <= bytesMax) return;
  throw new MillraceError('too-large', `${what} has ${bytes} bytes; the most is ${bytesMax}.`);
}

/** @throws MillraceError `request` unless `value` is an integer in `min`..`max`. */
export function checkInteger(what: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw new MillraceError('request', `${what} is ${value}; it must be from ${min} to ${max}.`);
}

/** Checks both halves of an item's key. */
export function checkKey(key: ItemKey): void {
  checkPartition(key.partition);
  checkNamed('A sort key', key.sort, keyBytesMax);
}

function checkPartition(partition: string): void {
  checkNamed('A partition key', partition, keyBytesMax);
}

/** Checks the arguments of `range`, whose bounds may be empty. */
export function checkRange(partition: string, from: string, to: string, limit: number): void {
  checkPartition(partition);
  checkText('The start of a range', from, keyBytesMax);
  checkText('The end of a range', to, keyBytesMax);
  checkInteger('The limit of a range', limit, 1, Number.MAX_SAFE_INTEGER);
}

/** Checks an object's name. */
export function checkName(name: string): void {
  checkNamed('A name', name, nameBytesMax);
}

/** Checks the arguments of `list`. */
export function checkList(prefix: string, after: string, limit: number): void {
  checkText('A prefix', prefix, nameBytesMax);
  checkText('A name', after, nameBytesMax);
  checkInteger('The limit of a list', limit, 1, Number.MAX_SAFE_INTEGER);
}

function checkNamed(what: string, text: string, bytesMax: number): void {
  if (text === '') throw new MillraceError('request', `${what} must not be empty.`);
  checkText(what, text, bytesMax);
}

/** Checks a call of `publish` except for the sizes of the bodies, which are outcomes. */
export function checkRecords(records: readonly OutgoingRecord[], callRecordsMax: number): void {
  if (records.length > callRecordsMax) {
    const message = `A call has ${records.length} records; the most is ${callRecordsMax}.`;
    throw new MillraceError('too-large', message);
  }
  for (const { bucket, bucketCount } of records) {
    checkInteger('A bucket count', bucketCount, 1, Number.MAX_SAFE_INTEGER);
    checkInteger('A bucket', bucket, 0, bucketCount - 1);
  }
}

/** Checks the arguments of `receive`. */
export function checkReceive(max: number, visibilitySeconds: number): void {
  checkInteger('The number of messages', max, 1, receiveMessagesMax);
  checkInteger('The visibility', visibilitySeconds, 1, visibilitySecondsMax);
}

/** Checks a message's body. */
export function checkMessage(body: string, messageBytesMax: number): void {
  if (body === '') throw new MillraceError('request', 'A message must not be empty.');
  checkText('A message', body, messageBytesMax);
}

/**
 * The index that a partition's id stands for, of `partitions`; an unknown one is an error
 * `request`.
 */
export function partitionIndex(id: string, partitions: number): number {
  const index = /^(0|[1-9]\d{0,8})$/.test(id) ? Number(id) : partitions;
  if (index < partitions) return index;
  const message = `There is no partition ${JSON.stringify(id)}; they are 0 to ${partitions - 1}.`;
  throw new MillraceError('request', message);
}
