import { positionBefore } from '../../../adapters/aws/kinesis-records.ts';
import {
  type Bounds,
  type PartitionInfo,
  type StreamRead,
  StreamReader,
} from '../../../core/ports/stream-reader.ts';
import { firstNumber, shard } from '../input.ts';

/** The shard that the deliveries come from, as a new journal asks for it. Nobody reads it. */
export class OneShard extends StreamReader {
  override readonly contiguous = false;

  override async partitions(): Promise<PartitionInfo[]> {
    return [{ id: shard, parents: [] }];
  }

  override async bounds(): Promise<Bounds> {
    return { earliest: positionBefore(firstNumber), latest: null };
  }

  override async read(): Promise<StreamRead> {
    return { records: [], caughtUp: true, ended: false };
  }
}
