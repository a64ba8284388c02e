import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Who calls, as a signature proves it. */
export interface Caller {
  readonly accessKey: string;
}

/** What an event says of the function URL that it came by. */
export interface UrlContext {
  readonly urlId: string;
  readonly account: string;
  /** Null where anyone may call. */
  readonly caller: Caller | null;
  readonly nowMs: number;
}

/** Bodies of these types are passed on as text, all others as base64. */
const textTypes = /^(text\/|application\/(json|javascript|xml)\b)/;
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Makes of a request the event of payload format 2.0; path and query stay as they were sent. */
export function urlEvent(request: IncomingMessage, body: Buffer, context: UrlContext): object {
  const { url = '/', method = 'GET', headers } = request;
  const [rawPath = '/', ...query] = url.split('?');
  const rawQueryString = query.join('?');
  const { cookie, ...others } = headers;
  const isText = textTypes.test(headers['content-type'] ?? '');
  const domainName = headers.host ?? '';
  const parameters = parametersOf(rawQueryString);
  const caller = context.caller;
  return {
    ...{ version: '2.0', routeKey: '$default', rawPath, rawQueryString },
    ...(cookie !== undefined && { cookies: cookie.split(/; ?/) }),
    headers: Object.fromEntries(
      Object.entries(others).map(([name, value]) => [name, String(value)]),
    ),
    ...(Object.keys(parameters).length > 0 && { queryStringParameters: parameters }),
    requestContext: {
      accountId: caller === null ? 'anonymous' : context.account,
      apiId: context.urlId,
      ...(caller !== null && { authorizer: { iam: iamOf(caller, context.account) } }),
      ...{ domainName, domainPrefix: context.urlId },
      http: {
        ...{ method, path: rawPath, protocol: `HTTP/${request.httpVersion}` },
        ...{ sourceIp: '127.0.0.1', userAgent: headers['user-agent'] ?? '' },
      },
      ...{ requestId: randomUUID(), routeKey: '$default', stage: '$default' },
      ...{ time: timeOf(new Date(context.nowMs)), timeEpoch: context.nowMs },
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** Values of one name are joined by commas. */
function parametersOf(rawQueryString: string): Record<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(values);
}

function iamOf({ accessKey }: Caller, accountId: string): object {
  const userArn = `arn:aws:iam::${accountId}:user/${accessKey}`;
  const none = { cognitoIdentity: null, principalOrgId: null };
  return { accessKey, accountId, callerId: accessKey, ...none, userArn, userId: accessKey };
}

/** `12/Mar/2020:19:03:58 +0000`. */
function timeOf(date: Date): string {
  const day = String(date.getUTCDate()).padStart(2, '0');
  const month = months[date.getUTCMonth()];
  return `${day}/${month}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000`;
}
