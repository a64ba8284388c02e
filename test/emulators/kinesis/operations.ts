import { describeStream, describeStreamSummary } from './describing.ts';
import type { Input } from './fields.ts';
import { listShards } from './listing.ts';
import {
  createStream,
  deleteStream,
  increaseRetention,
  mergeShards,
  splitShard,
} from './managing.ts';
import { getRecords, getShardIterator } from './reading.ts';
import type { Streams } from './streams.ts';
import { putRecord, putRecords, type RecordFault } from './writing.ts';

/** What goes wrong with one request. */
export interface Fault {
  /** Refused with the error of this name, and nothing is done. */
  readonly error?: string;
  /** Done, and the connection is cut in place of an answer. */
  readonly isAnswerLost?: boolean;
  /** Records of a PutRecords that are not stored. */
  readonly failedRecord?: RecordFault;
  /** GetRecords gives no records though there are some. */
  readonly isEmpty?: boolean;
}

/** Does what a request asks for; null for an answer without a body. */
type Operation = (streams: Streams, input: Input, fault: Fault) => object | null;

/** What the emulator knows, by the names of the service. */
export const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['CreateStream', createStream],
  ['DeleteStream', deleteStream],
  ['DescribeStream', describeStream],
  ['DescribeStreamSummary', describeStreamSummary],
  ['GetRecords', (streams, input, fault) => getRecords(streams, input, fault.isEmpty === true)],
  ['GetShardIterator', getShardIterator],
  ['IncreaseStreamRetentionPeriod', increaseRetention],
  ['ListShards', listShards],
  ['MergeShards', mergeShards],
  ['PutRecord', putRecord],
  [
    'PutRecords',
    (streams, input, { failedRecord }) => putRecords(streams, input, failedRecord ?? (() => null)),
  ],
  ['SplitShard', splitShard],
]);
