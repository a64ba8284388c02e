import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { InvocationResult } from './lambda-function.ts';
import { type HttpPrelude, httpIntegrationType, preludeEnd } from './response-stream.ts';

interface Answer extends HttpPrelude {
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** Answers with what a function gave as a whole. What has no status is the body of a status 200. */
export function answerWhole(response: ServerResponse, result: InvocationResult): void {
  if (result.functionError !== null) {
    fail(response, 502, 'Internal Server Error');
    return;
  }
  const given: unknown = JSON.parse(result.payload.toString() || 'null');
  const { statusCode, body = '', isBase64Encoded = false, ...rest } = answerOf(given);
  begin(response, { statusCode: statusCode ?? 200, ...rest });
  response.end(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'));
}

function answerOf(given: unknown): Answer {
  if (typeof given === 'object' && given !== null && 'statusCode' in given) return given as Answer;
  const body = typeof given === 'string' ? given : JSON.stringify(given);
  return { headers: { 'content-type': 'application/json' }, body };
}

/** Answers with what a function gives while it gives it; one that breaks off is seen as such by the caller. */
export async function answerStream(
  response: ServerResponse,
  contentType: string,
  body: Readable,
): Promise<void> {
  const isHttp = contentType === httpIntegrationType;
  if (!isHttp) begin(response, { headers: { 'content-type': contentType } });
  let ahead = Buffer.alloc(0);
  for await (const chunk of body) {
    if (response.headersSent) {
      response.write(chunk);
      continue;
    }
    ahead = Buffer.concat([ahead, chunk as Buffer]);
    const end = ahead.indexOf(preludeEnd);
    if (end === -1) continue;
    begin(response, JSON.parse(ahead.subarray(0, end).toString()));
    response.flushHeaders();
    const rest = ahead.subarray(end + preludeEnd.length);
    if (rest.length > 0) response.write(rest);
  }
}

/** Ends a request that got no answer of the function. */
export function fail(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(text);
}

function begin(
  response: ServerResponse,
  { statusCode = 200, headers, cookies }: HttpPrelude,
): void {
  response.statusCode = statusCode;
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  if (cookies !== undefined && cookies.length > 0) response.setHeader('set-cookie', [...cookies]);
  // The length is the service's own business.
  response.removeHeader('content-length');
  response.writeHead(statusCode);
}
