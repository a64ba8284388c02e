import {
  defaultOptions,
  faulty,
  fromKinesis,
  initialize,
  type Pipeline,
  rejectWithFault,
  type Steps,
  toGroupUows,
  toPromise,
  type Uow,
  updateDynamoDB,
} from 'aws-lambda-stream';
import connectors from 'aws-lambda-stream/connectors/dynamodb';
import streamOf from 'highland';
import { isNamed } from '../../../adapters/aws/errors.ts';
import type { Row } from '../answer.ts';
import { type Click, centsOf, isClick, minuteOf } from '../click.ts';
import { type CountStore, RecentIds } from '../count-store.ts';
import { callsAtOnce, type Start } from '../design.ts';
import { countStore } from '../designs/put-per-id.ts';
import { tablesOf } from '../dynamodb-count-store.ts';

const recentIdsMax = 50_000;
const timeoutMs = 5_000;
const idSeconds = 86_400;

interface ClickUow extends Uow {
  readonly click: Click;
  /** Whether its id was there before. */
  readonly repeated?: boolean;
}

/** The two steps that call the store: an id by event, a row by key. */
interface Sinks {
  readonly putId: (uow: ClickUow) => Promise<ClickUow>;
  readonly addRows: Steps<{ readonly row: Row }, unknown>;
}

function memorySinks(store: CountStore): Sinks {
  return {
    putId: async (uow) => ({ ...uow, repeated: !(await store.putId(uow.click.id)) }),
    addRows: (stream) =>
      stream.map((uow) => streamOf(store.add(uow.row).then(() => uow))).parallel(callsAtOnce),
  };
}

/** The library's own connector and sink. */
function dynamoDbSinks(endpoint: string, name: string): Sinks {
  const { ids, counts } = tablesOf(name);
  // The library makes its clients itself.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    ...{ AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' },
  });
  const connector = new connectors.default({ debug: () => {}, tableName: ids, timeout: timeoutMs });
  const update = { tableName: counts, parallel: callsAtOnce, timeout: timeoutMs };
  return {
    putId: async (uow) => {
      const expiresAt = Math.floor(Date.now() / 1_000) + idSeconds;
      const ConditionExpression = 'attribute_not_exists(id)';
      try {
        await connector.put({ Item: { id: uow.click.id, expiresAt }, ConditionExpression });
        return uow;
      } catch (error) {
        if (isNamed(error, 'ConditionalCheckFailedException')) return { ...uow, repeated: true };
        return rejectWithFault(uow)(error);
      }
    },
    addRows: (stream) =>
      stream
        .map((uow) => ({ ...uow, updateRequest: updateRequest(uow.row) }))
        .through(updateDynamoDB(update)),
  };
}

function updateRequest({ page, minute, clicks, cents }: Row): object {
  return {
    Key: { page, minute },
    UpdateExpression: 'ADD clicks :clicks, cents :cents',
    ExpressionAttributeValues: { ':clicks': clicks, ':cents': cents },
  };
}

/** A pipeline: an id by event, grouped by key within the batch as its documentation advises, an addition by group. */
function clicksPipeline(sinks: Sinks, recent: RecentIds): Pipeline {
  return () => (stream) =>
    stream
      .filter(({ event }) => event['type'] === 'click')
      .map(faulty(withClick))
      .filter(({ click }) => !recent.has(click.id))
      .map((uow) => streamOf(sinks.putId(uow)))
      .parallel(callsAtOnce)
      .tap(({ click }) => recent.add(click.id))
      .filter(({ repeated }) => repeated !== true)
      .group(({ click }) => `${click.page} ${minuteOf(click)}`)
      .flatMap((groups) => toGroupUows<ClickUow>(groups))
      .map(({ batch }) => ({ batch, row: rowOf(batch) }))
      .through(sinks.addRows);
}

function withClick(uow: Uow): ClickUow {
  if (!isClick(uow.event)) throw new Error('This is no click.');
  return { ...uow, click: uow.event };
}

function rowOf(batch: readonly ClickUow[]): Row {
  const [{ click }] = batch as [ClickUow];
  const cents = batch.reduce((sum, one) => sum + centsOf(one.click), 0);
  return { page: click.page, minute: minuteOf(click), clicks: batch.length, cents };
}

/** Streams of units of work through its pipelines; bad events become faults, which are only gathered here. */
export const start: Start = async (setting) => {
  const { endpoints, name } = setting;
  const store = await countStore(setting);
  const sinks = endpoints === null ? memorySinks(store) : dynamoDbSinks(endpoints.dynamoDb, name);
  const clicks = clicksPipeline(sinks, new RecentIds(recentIdsMax));
  const bad = new Set<string>();
  const publish = (): Steps<{ readonly event: { readonly uow: Uow } }, unknown> => (stream) =>
    stream.tap(({ event }) => bad.add(event.uow.record.kinesis.sequenceNumber));
  const options = { ...defaultOptions, publish };
  return {
    handler: async (event) => {
      await initialize({ clicks }, options).assemble(fromKinesis(event)).through(toPromise);
      return undefined;
    },
    answer: async () => ({ rows: await store.rows(), bad: bad.size }),
  };
};
