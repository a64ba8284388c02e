import {
  type Bounds,
  type PartitionInfo,
  type StreamRead,
  StreamReader,
} from '../../core/ports/stream-reader.ts';
import { checkInteger, partitionIndex } from '../arguments.ts';
import { type Fault, withFault } from './fault.ts';
import type { MemoryLog } from './memory-log.ts';

/** A {@link StreamReader} of a {@link MemoryLog}. */
export class MemoryStreamReader extends StreamReader {
  override readonly contiguous: boolean = true;
  private readonly log: MemoryLog;
  private readonly fault: Fault | undefined;

  constructor(log: MemoryLog, options: { readonly fault?: Fault } = {}) {
    super();
    this.log = log;
    this.fault = options.fault;
  }

  override async partitions(): Promise<PartitionInfo[]> {
    return withFault(this.fault, 'partitions', () =>
      Array.from({ length: this.log.partitions }, (_, index) => ({
        id: String(index),
        parents: this.log.parents(index),
      })),
    );
  }

  override async bounds(partition: string): Promise<Bounds> {
    const index = partitionIndex(partition, this.log.partitions);
    return withFault(this.fault, 'bounds', () => this.log.bounds(index));
  }

  override async read(partition: string, from: bigint, limit: number): Promise<StreamRead> {
    const index = partitionIndex(partition, this.log.partitions);
    checkInteger('The limit of a read', limit, 1, Number.MAX_SAFE_INTEGER);
    return withFault(this.fault, 'read', () => {
      const records = this.log.read(index, from, limit);
      const last = records.at(-1)?.position;
      const caughtUp = last === undefined || last === this.log.bounds(index).latest;
      return { records, caughtUp, ended: caughtUp && !this.log.isOpen(index) };
    });
  }
}
