import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Caller } from './url-event.ts';

/** Secret keys by the access key that names them. */
export type KnownKeys = Readonly<Record<string, string>>;

interface Signature {
  readonly accessKey: string;
  /** Day, region, service, terminator. */
  readonly scope: readonly string[];
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const algorithm = 'AWS4-HMAC-SHA256';
const skewMsMax = 300_000;
const form =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/**
 * Checks the signature of a request to a function URL (Signature Version 4, in the headers); null if it has none, or
 * none of a known key, or none that fits. Source: "Create a signed AWS API request", IAM User Guide.
 */
export function callerOf(
  request: IncomingMessage,
  body: Buffer,
  {
    keys,
    region,
    nowMs,
  }: { readonly keys: KnownKeys; readonly region: string; readonly nowMs: number },
): Caller | null {
  const signed = parse(request.headers.authorization ?? '');
  const secret = keys[signed?.accessKey ?? ''];
  const time = String(request.headers['x-amz-date'] ?? '');
  if (signed === null || secret === undefined) return null;
  if (Math.abs(msOf(time) - nowMs) <= skewMsMax === false) return null;
  const [day = '', ...place] = signed.scope;
  if (!time.startsWith(day) || place.join() !== `${region},lambda,aws4_request`) return null;
  if (!signed.signedHeaders.includes('host')) return null;
  const bodyHash = hash(body);
  const { [bodyHashHeader]: statedHash = bodyHash } = request.headers;
  if (statedHash !== bodyHash) return null;
  const canonical = canonicalRequest(request, signed.signedHeaders, bodyHash);
  const text = [algorithm, time, signed.scope.join('/'), hash(canonical)].join('\n');
  const key = signed.scope.reduce<Buffer | string>(hmac, `AWS4${secret}`);
  const isRight = timingSafeEqual(hmac(key, text), Buffer.from(signed.signature, 'hex'));
  return isRight ? { accessKey: signed.accessKey } : null;
}

const bodyHashHeader = 'x-amz-content-sha256';

function parse(authorization: string): Signature | null {
  const found = form.exec(authorization);
  if (found === null) return null;
  const [, accessKey = '', scope = '', headers = '', signature = ''] = found;
  return { accessKey, scope: scope.split('/'), signedHeaders: headers.split(';'), signature };
}

function canonicalRequest(
  { method = '', url = '/', headers }: IncomingMessage,
  signedHeaders: readonly string[],
  bodyHash: string,
): string {
  const [path = '/', query = ''] = url.split('?');
  const lines = signedHeaders.map((name) => {
    return `${name}:${String(headers[name] ?? '')
      .trim()
      .replace(/ +/g, ' ')}\n`;
  });
  // What was sent is encoded already; the signature is over its encoding.
  const canonicalPath = path.split('/').map(encode).join('/');
  return [
    method,
    canonicalPath,
    canonicalQuery(query),
    lines.join(''),
    signedHeaders.join(';'),
    bodyHash,
  ].join('\n');
}

function canonicalQuery(query: string): string {
  const pairs = query.split('&').filter((pair) => pair !== '');
  return pairs
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return `${encode(decoded(name))}=${encode(decoded(value.join('=')))}`;
    })
    .sort()
    .join('&');
}

/** What can't be decoded stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** `20261122T100000Z` as epoch milliseconds; NaN for anything else. */
function msOf(time: string): number {
  return Date.parse(
    time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
}

const hash = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, data: string): Buffer =>
  createHmac('sha256', key).update(data).digest();
