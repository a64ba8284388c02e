import { connect } from 'node:net';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, post, received, serving } from '../apps/serving.ts';
import { sale, sales, visits } from '../apps/shop.ts';

const runs = 400;

/** A good event, and values that have broken parsers before. */
const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(-0, 1e308, -1e-320, 2 ** 53, '\ud800', '', '\u0000', '__proto__', null),
);
const event = fc.oneof(
  fc.nat(50).map((n) => sale(n)),
  fc
    .tuple(fc.nat(50), odd, fc.constantFrom('id', 'at', 'shop', 'cents', '__proto__', 'x'))
    .map(([n, value, field]) => sale(n, { [field]: value })),
  odd,
);

/** A body, well-formed or with some bytes changed, cut out or put in. */
const text = fc.oneof(
  event.map((one) => JSON.stringify(one) ?? ''),
  fc.array(event, { maxLength: 5 }).map((all) => JSON.stringify(all)),
  fc.array(event, { maxLength: 5 }).map((all) => all.map((one) => JSON.stringify(one)).join('\n')),
);
const packed = fc
  .tuple(text, fc.constantFrom(Buffer.from, gzipSync, zstdCompressSync))
  .map(([body, pack]) => Uint8Array.from(pack(body)));
const edit = fc.record({ at: fc.nat(300), cut: fc.nat(4), put: fc.uint8Array({ maxLength: 4 }) });
const mutated = fc.tuple(packed, fc.array(edit, { maxLength: 3 })).map(([bytes, edits]) =>
  edits.reduce((now, { at, cut, put }) => {
    const from = at % (now.length + 1);
    return Uint8Array.from([...now.slice(0, from), ...put, ...now.slice(from + cut)]);
  }, bytes),
);
const body = fc.oneof(fc.uint8Array({ maxLength: 200 }), packed, mutated);
const anyHeaders: fc.Arbitrary<Record<string, string>> = fc.record(
  {
    'content-type': fc.constantFrom('application/json', 'application/x-ndjson', 'x', 'text/plain'),
    'content-encoding': fc.constantFrom('gzip', 'zstd', 'identity', 'br', '', 'gzip, gzip'),
    authorization: fc.constantFrom('Bearer', 'Bearer x', 'Basic x'),
    origin: fc.constantFrom('null', 'http://127.0.0.1', 'x'),
  },
  { requiredKeys: [] },
);
const headers = fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, anyHeaders);

const word = fc.oneof(
  fc.constantFrom('from', 'to', 'order', 'limit', 'cursor', 'key.shop', 'key.', '-cents', '2026'),
  fc.constantFrom('2026-01-01', '9999-12-31T23:59:60Z', '0', '-1', '99999999999999999999', '%'),
  fc.constantFrom('W10', 'WzAsWyJhIl1d', 'bnVsbA', 'eyJsZW5ndGgiOjJ9', '[]', '{}'),
  fc
    .string({ maxLength: 8, unit: 'binary' })
    .map((value) => encodeURIComponent(value.toWellFormed())),
);
const query = fc
  .array(fc.tuple(word, word), { maxLength: 4 })
  .map((pairs) => pairs.map((pair) => pair.join('=')).join('&'));
const path = fc.oneof(
  fc.constantFrom('/v1/views/perDay', '/v1/views/sales.perShop', '/v1/views', '/v1/status', '/'),
  fc.array(word, { maxLength: 4 }).map((words) => `/${words.join('/')}`),
);

/** What a server says to raw bytes until it closes the connection; the client says no more. */
function raw(url: string, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const cut = setTimeout(() => reject(new Error('the server hangs')), 5_000);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    // A connection that is reset was answered too.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(cut);
      resolve(answer);
    });
    socket.end(bytes);
  });
}

const parameters = { numRuns: runs, endOnFailure: true };

describe('the HTTP door', () => {
  it('answers any body, and what it accepts is received, all of it', async () => {
    const running = await serving({ pipelines: [sales, visits] });
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(body, headers, async (bytes, given) => {
        const answer = await post(running, bytes, given);
        expect(answer.status).toBeLessThan(500);
        if (answer.status === 202) accepted += answer.body.accepted;
        else expect(answer.type).toBe('application/problem+json');
      }),
      parameters,
    );
    expect(accepted).toBeGreaterThan(runs / 20);
    const { conserved } = await received(running, accepted);
    expect(conserved).toBe(true);
  });

  it('answers any path and query', async () => {
    const running = await serving({ pipelines: [sales, visits] });
    await post(running, [sale(1), sale(2, { shop: 'rome' })]);
    await received(running, 2);
    let good = 0;
    await fc.assert(
      fc.asyncProperty(path, query, async (where, what) => {
        const answer = await ask(`${running.url}${where}?${what}`);
        expect(answer.status).toBeLessThan(500);
        if (answer.status === 200) good += 1;
        else expect(answer.type).toBe('application/problem+json');
      }),
      parameters,
    );
    expect(good).toBeGreaterThan(runs / 20);
  });

  it('answers or drops any bytes', async () => {
    const running = await serving();
    const line = fc.constantFrom(
      ...['POST /v1/events HTTP/1.1', 'GET /v1/views HTTP/1.1', 'GET * HTTP/1.1', 'X', ''],
      ...[
        'GET http://x/v1/views HTTP/1.1',
        'CONNECT x:1 HTTP/1.1',
        'GET //x HTTP/1.0',
        'TRACE / HTTP/1.1',
      ],
    );
    const field = fc.constantFrom(
      ...['Host: localhost', 'Host: a b', 'Host:', 'Content-Length: 5', 'Content-Length: -1'],
      ...['Transfer-Encoding: chunked', 'Expect: 100-continue', 'Expect: x', 'Upgrade: websocket'],
      ...[
        'Connection: close',
        'Connection: upgrade',
        'Content-Encoding: gzip',
        `X: ${'y'.repeat(9_000)}`,
      ],
    );
    const request = fc
      .tuple(line, fc.array(field, { maxLength: 5 }), fc.uint8Array({ maxLength: 40 }))
      .map(([first, fields, rest]) => {
        const head = [first, 'Connection: close', ...fields].join('\r\n');
        return Uint8Array.from(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), rest]));
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(request, fc.uint8Array({ maxLength: 60 })), async (bytes) => {
        expect(await raw(running.url, bytes)).not.toMatch(/^HTTP\/1\.1 5/);
      }),
      parameters,
    );
    expect((await ask(`${running.url}/v1/health`)).status).toBe(200);
  });
});
