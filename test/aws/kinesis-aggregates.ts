import { createRequire } from 'node:module';

/** A record to pack, or that was packed. */
export interface Packed {
  readonly partitionKey: string;
  readonly data: Buffer;
  readonly explicitHashKey?: string;
}

/** The library of AWS. Its own types don't have all that it exports. */
interface Library {
  readonly RecordAggregator: new () => {
    addUserRecord(record: Packed): void;
    build(): { readonly data: Buffer };
  };
  deaggregateSync(
    record: { readonly data: string },
    computeChecksums: boolean,
    done: (
      error: Error | null,
      records?: readonly { partitionKey: string; data: string }[],
    ) => void,
  ): void;
}

const library = createRequire(import.meta.url)('aws-kinesis-agg') as Library;

/** An aggregate as AWS's own library makes it. */
export function aggregateOf(records: readonly Packed[]): Buffer {
  const aggregator = new library.RecordAggregator();
  for (const record of records) aggregator.addUserRecord({ ...record });
  return aggregator.build().data;
}

/** An aggregate of texts, with the partition keys `key 0`, `key 1` and so on. */
export function aggregateOfTexts(...texts: readonly string[]): Buffer {
  return aggregateOf(
    texts.map((text, i) => ({ partitionKey: `key ${i}`, data: Buffer.from(text) })),
  );
}

/** What AWS's own library finds in an aggregate. */
export function unpackedByLibrary(bytes: Uint8Array): Packed[] {
  const found: Packed[] = [];
  const record = { data: Buffer.from(bytes).toString('base64') };
  library.deaggregateSync(record, true, (error, records = []) => {
    if (error) throw error;
    for (const { partitionKey, data } of records) {
      found.push({ partitionKey, data: Buffer.from(data, 'base64') });
    }
  });
  return found;
}
