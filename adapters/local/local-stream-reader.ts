import type { StatementSync } from 'node:sqlite';
import type { StreamRecord } from '../../core/event.ts';
import {
  type Bounds,
  type PartitionInfo,
  type StreamRead,
  StreamReader,
} from '../../core/ports/stream-reader.ts';
import { checkInteger, partitionIndex } from '../arguments.ts';
import { sqlite } from './errors.ts';
import { type LocalLog, positionSql, recordId } from './local-log.ts';

const readSql = `SELECT ${positionSql}, bucket, arrival, body FROM log_records
  WHERE id >= ? AND id < ? ORDER BY id LIMIT ?`;

/** A row as an array, which node:sqlite makes faster than an object. */
type Row = readonly [position: number, bucket: number, arrival: number, body: Uint8Array];

/** A {@link StreamReader} of a {@link LocalLog}. */
export class LocalStreamReader extends StreamReader {
  override readonly contiguous: boolean = true;
  /** A read ends with the record that reaches this many bytes of bodies. */
  readonly readBytesMax: number;
  private readonly log: LocalLog;
  private readonly readSome: StatementSync;

  /** `readBytesMax`: default 33,554,432. */
  constructor(log: LocalLog, options: { readonly readBytesMax?: number } = {}) {
    super();
    this.log = log;
    this.readBytesMax = options.readBytesMax ?? 33_554_432;
    this.readSome = sqlite('prepare the log', () => log.database.prepare(readSql));
    this.readSome.setReturnArrays(true);
  }

  override async partitions(): Promise<PartitionInfo[]> {
    return Array.from({ length: this.log.partitions }, (_, index) => ({
      id: String(index),
      parents: [],
    }));
  }

  override async bounds(partition: string): Promise<Bounds> {
    return this.log.bounds(partitionIndex(partition, this.log.partitions));
  }

  override async read(partition: string, from: bigint, limit: number): Promise<StreamRead> {
    const index = partitionIndex(partition, this.log.partitions);
    checkInteger('The limit of a read', limit, 1, Number.MAX_SAFE_INTEGER);
    return sqlite('read the log', () => {
      const { records, ended } = this.readRecords(index, from, limit);
      // Where the walk itself met the end, nothing was behind it at that moment.
      if (ended) return { records, caughtUp: true, ended: false };
      const last = records[records.length - 1]!.position;
      return { records, caughtUp: last === this.log.bounds(index).latest, ended: false };
    });
  }

  private readRecords(
    partition: number,
    from: bigint,
    limit: number,
  ): { readonly records: StreamRecord[]; readonly ended: boolean } {
    const records: StreamRecord[] = [];
    let bytes = 0;
    const end = recordId(partition + 1, 0n);
    const rows = this.readSome.iterate(recordId(partition, from), end, limit);
    for (const row of rows as unknown as Iterable<Row>) {
      const [position, bucket, arrival, body] = row;
      records.push({ position: BigInt(position), partitionKey: String(bucket), arrival, body });
      bytes += body.length;
      if (bytes >= this.readBytesMax) return { records, ended: false };
    }
    return { records, ended: records.length < limit };
  }
}
