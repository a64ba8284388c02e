import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import {
  IdempotencyConfig,
  IdempotencyItemAlreadyExistsError,
  IdempotencyItemNotFoundError,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import {
  BasePersistenceLayer,
  type IdempotencyRecord,
} from '@aws-lambda-powertools/idempotency/persistence';
import type { KinesisStreamRecord } from 'aws-lambda';
import { type Click, centsOf, clickOf, minuteOf } from '../click.ts';
import type { Setting, Start } from '../design.ts';
import { countStore } from '../designs/put-per-id.ts';
import { clientConfig, tablesOf } from '../dynamodb-count-store.ts';

const cachedRecordsMax = 50_000;

/** Idempotency records in a map. */
class MemoryPersistenceLayer extends BasePersistenceLayer {
  private readonly records = new Map<string, IdempotencyRecord>();

  protected override async _putRecord(record: IdempotencyRecord): Promise<void> {
    const known = this.records.get(record.idempotencyKey);
    if (known !== undefined && !known.isExpired()) {
      throw new IdempotencyItemAlreadyExistsError('already there', known);
    }
    this.records.set(record.idempotencyKey, record);
  }

  protected override async _updateRecord(record: IdempotencyRecord): Promise<void> {
    this.records.set(record.idempotencyKey, record);
  }

  protected override async _getRecord(key: string): Promise<IdempotencyRecord> {
    const record = this.records.get(key);
    if (record === undefined) throw new IdempotencyItemNotFoundError();
    return record;
  }

  protected override async _deleteRecord({ idempotencyKey }: IdempotencyRecord): Promise<void> {
    this.records.delete(idempotencyKey);
  }
}

function persistence({ endpoints, name }: Setting): BasePersistenceLayer {
  if (endpoints === null) return new MemoryPersistenceLayer();
  return new DynamoDBPersistenceLayer({
    tableName: tablesOf(name).ids,
    clientConfig: clientConfig(endpoints.dynamoDb),
  });
}

/**
 * Batch processing with a partial response, and an idempotency record by event around one addition. In memory records
 * go one after the other, which is faster there, since there is nothing to wait for.
 */
export const start: Start = async (setting) => {
  const store = await countStore(setting);
  const bad = new Set<string>();
  const config = new IdempotencyConfig({
    eventKeyJmesPath: 'id',
    throwOnNoIdempotencyKey: true,
    useLocalCache: true,
    maxLocalCacheSize: cachedRecordsMax,
  });
  const count = makeIdempotent(
    async (click: Click): Promise<void> => {
      const { page } = click;
      await store.add({ page, minute: minuteOf(click), clicks: 1, cents: centsOf(click) });
    },
    { persistenceStore: persistence(setting), config },
  );
  const processor = new BatchProcessor(EventType.KinesisDataStreams);
  const recordHandler = async ({ kinesis }: KinesisStreamRecord): Promise<void> => {
    const text = Buffer.from(kinesis.data, 'base64').toString();
    const click = clickOf(text);
    // One that failed would be delivered until it expires, and hold up all behind it.
    if (click === null) bad.add(`${kinesis.sequenceNumber} ${text}`);
    else await count(click);
  };
  return {
    handler: async (event, context) => {
      config.registerLambdaContext(context);
      const processInParallel = setting.store === 'dynalite';
      return processPartialResponse(event, recordHandler, processor, {
        context,
        processInParallel,
        throwOnFullBatchFailure: false,
      });
    },
    answer: async () => ({ rows: await store.rows(), bad: bad.size }),
  };
};
