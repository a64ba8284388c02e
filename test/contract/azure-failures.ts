import type { Fault, FaultyProxy } from '../emulators/faulty-proxy.ts';
import { type Failures, inject, onTheWay } from './behind-proxy.ts';

/** Of Cosmos DB: status, substatus (https://learn.microsoft.com/rest/api/cosmos-db/http-status-codes-for-cosmosdb). */
function cosmosFault(status: number, substatus: number): Fault {
  const headers = { 'x-ms-substatus': `${substatus}`, 'x-ms-retry-after-ms': '60000' };
  return { status, headers, body: JSON.stringify({ code: `${status}`, message: 'no' }) };
}

/** Failures of Cosmos DB. */
export function cosmosFailures(proxy: FaultyProxy): Failures {
  return inject(proxy, [
    ...onTheWay,
    ['too many requests', 'throttled', cosmosFault(429, 3200)],
    ['another request on the same item', 'throttled', cosmosFault(449, 0)],
    ['a region that is down', 'unavailable', cosmosFault(503, 0)],
    ['a partition that moves', 'unavailable', cosmosFault(410, 1007)],
    ['a replica that is behind', 'unavailable', cosmosFault(404, 1002)],
    ['a failover', 'unavailable', cosmosFault(403, 3)],
    ['a container that is gone', 'request', cosmosFault(404, 1003)],
    ['a wrong key', 'request', cosmosFault(401, 0)],
    ['a partition that is full', 'request', cosmosFault(403, 1014), 'writes'],
    ['an item that is too large', 'too-large', cosmosFault(413, 0), 'writes'],
  ]);
}

/** Of Storage: status and code (https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes). */
function storageFault(status: number, code: string): Fault {
  const headers = { 'content-type': 'application/xml', 'x-ms-error-code': code };
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
  return { status, headers, body };
}

/** Failures of Storage; `drop` removes the container or queue. */
export function storageFailures(
  proxy: FaultyProxy,
  gone: string,
  drop: () => Promise<unknown>,
): Failures {
  return [
    ...inject(proxy, [
      ...onTheWay,
      ['a busy service', 'throttled', storageFault(503, 'ServerBusy')],
      ['too many requests', 'throttled', storageFault(429, 'TooManyRequests')],
      ['a service that is slow', 'unavailable', storageFault(500, 'OperationTimedOut')],
      ['a wrong key', 'request', storageFault(403, 'AuthenticationFailed')],
      ['a body that is too large', 'too-large', storageFault(413, 'RequestBodyTooLarge'), 'writes'],
    ]),
    { name: gone, code: 'request', hits: 'all', inject: async () => void (await drop()) },
  ];
}
