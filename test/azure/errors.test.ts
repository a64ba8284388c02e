import { expect, test } from 'vitest';
import { cosmosError, storageError } from '../../adapters/azure/errors.ts';
import { MillraceError } from '../../core/errors.ts';

test.each([
  ['Cosmos DB', cosmosError],
  ['Storage', storageError],
])('%s: a mistake of ours and an error that has its code stay as they are', (_, map) => {
  const own = new MillraceError('too-large', 'too large');
  for (const error of [own, new TypeError('x is not a function'), new ReferenceError('x'), null]) {
    expect(map('do it', error)).toBe(error);
  }
});

test.each([
  ['Cosmos DB', cosmosError],
  ['Storage', storageError],
])('%s: no answer and one that makes no sense are unavailable, with their cause', (_, map) => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const noToken = Object.assign(new Error('no token'), { name: 'CredentialUnavailableError' });
  for (const cause of [refused, noToken, new SyntaxError('Unexpected end of JSON input')]) {
    const mapped = map('do it', cause);
    expect(mapped).toMatchObject({ name: 'MillraceError', code: 'unavailable', cause });
    expect(String(mapped)).toContain(`Could not do it: ${cause.message}`);
  }
});

test('a message names the status, what it is about, and one line of what was said', () => {
  const full = Object.assign(new Error('Partition key reached maximum size.\nActivityId: 1'), {
    code: 403,
    substatus: 1014,
  });
  const text = 'Could not create an item: 403/1014 Partition key reached maximum size.';
  expect(cosmosError('create an item', full)).toMatchObject({ message: text });
  const busy = Object.assign(new Error('The server is busy.\nRequestId:1'), {
    statusCode: 503,
    code: 'ServerBusy',
  });
  const said = 'Could not put a blob: 503 ServerBusy The server is busy.';
  expect(storageError('put a blob', busy)).toMatchObject({ message: said });
});

test('what the service asks to wait is kept: milliseconds of Cosmos DB, seconds of Storage', () => {
  const hot = Object.assign(new Error('hot'), { code: 429, retryAfterInMs: 37 });
  expect(cosmosError('read', hot)).toMatchObject({ code: 'throttled', retryAfterMs: 37 });
  const headers = new Headers({ 'retry-after': '2' });
  const busy = Object.assign(new Error('busy'), { statusCode: 503, response: { headers } });
  expect(storageError('read', busy)).toMatchObject({ code: 'throttled', retryAfterMs: 2_000 });
  const silent = Object.assign(new Error('busy'), { statusCode: 503 });
  expect(storageError('read', silent)).toMatchObject({ retryAfterMs: 0 });
});
