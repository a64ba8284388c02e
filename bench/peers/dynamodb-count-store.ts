import {
  CreateTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  PutItemCommand,
  paginateScan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { isNamed } from '../../adapters/aws/errors.ts';
import type { Row } from './answer.ts';
import type { CountStore } from './count-store.ts';

/** Ids are needed for as long as a record may be delivered again, seconds. */
const idSeconds = 86_400;

/** How every design reaches the emulator. */
export function clientConfig(endpoint: string): DynamoDBClientConfig {
  return {
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    // The wait for one of the client's 50 connections is no news where a library sends a whole batch at once.
    requestHandler: { socketAcquisitionWarningTimeout: 60_000 },
  };
}

/** Makes a table: its key, and its sort key if there is one. */
export async function makeTable(
  client: DynamoDBClient,
  name: string,
  keys: readonly (readonly [name: string, type: 'S' | 'N'])[],
): Promise<void> {
  const command = new CreateTableCommand({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: keys.map(([AttributeName, AttributeType]) => ({
      ...{ AttributeName, AttributeType },
    })),
    KeySchema: keys.map(([AttributeName], i) => ({
      ...{ AttributeName, KeyType: i === 0 ? 'HASH' : 'RANGE' },
    })),
  });
  await client.send(command);
}

/** The names of the tables of a start. */
export function tablesOf(name: string): { readonly ids: string; readonly counts: string } {
  return { ids: `${name}-ids`, counts: `${name}-counts` };
}

/** Ids and rows in two tables of DynamoDB: a conditional put by id, an addition by row. */
export async function dynamoDbCountStore(endpoint: string, name: string): Promise<CountStore> {
  const client = new DynamoDBClient(clientConfig(endpoint));
  const { ids, counts } = tablesOf(name);
  await makeTable(client, ids, [['id', 'S']]);
  await makeTable(client, counts, [
    ['page', 'S'],
    ['minute', 'N'],
  ]);
  return {
    putId: async (id) => {
      const expiresAt = Math.floor(Date.now() / 1_000) + idSeconds;
      const command = new PutItemCommand({
        TableName: ids,
        Item: { id: { S: id }, expiresAt: { N: String(expiresAt) } },
        ConditionExpression: 'attribute_not_exists(id)',
      });
      try {
        await client.send(command);
        return true;
      } catch (error) {
        if (isNamed(error, 'ConditionalCheckFailedException')) return false;
        throw error;
      }
    },
    add: async ({ page, minute, clicks, cents }) => {
      const command = new UpdateItemCommand({
        TableName: counts,
        Key: { page: { S: page }, minute: { N: String(minute) } },
        UpdateExpression: 'ADD clicks :clicks, cents :cents',
        ExpressionAttributeValues: {
          ':clicks': { N: String(clicks) },
          ':cents': { N: String(cents) },
        },
      });
      await client.send(command);
    },
    rows: () => rowsOf(client, counts),
  };
}

/** All rows of a table of counts. */
async function rowsOf(client: DynamoDBClient, table: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { Items } of paginateScan({ client }, { TableName: table })) {
    for (const { page, minute, clicks, cents } of Items ?? []) {
      rows.push({
        page: String(page?.S),
        minute: Number(minute?.N),
        clicks: Number(clicks?.N),
        cents: Number(cents?.N),
      });
    }
  }
  return rows;
}
