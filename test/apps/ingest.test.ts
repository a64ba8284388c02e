import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { newFolder } from '../local/folder.ts';
import { ask, expectProblem, post, received, serving } from './serving.ts';
import { sale } from './shop.ts';

const text = (events: readonly object[]) => events.map((one) => JSON.stringify(one)).join('\n');
const three = [sale(1), sale(2), sale(3)];
const forms: [string, string, Record<string, string>][] = [
  ['an array', JSON.stringify(three), {}],
  ['a pretty-printed array', JSON.stringify(three, null, 2), {}],
  ['NDJSON', text(three), { 'content-type': 'application/x-ndjson' }],
  ['NDJSON with blank lines', `\n${text(three)}\r\n\r\n`, { 'content-type': 'text/plain' }],
];

describe('the forms of a body', () => {
  it.each(forms)(
    '%s is taken plain, gzip and zstd, with and without the header',
    async (...form) => {
      const [, body, headers] = form;
      const bodies: [Uint8Array, string | null][] = [
        [Buffer.from(body), null],
        [gzipSync(body), null],
        [gzipSync(body), 'gzip'],
        [zstdCompressSync(body), null],
        [zstdCompressSync(body), 'zstd'],
      ];
      for (const [bytes, encoding] of bodies) {
        const running = await serving();
        const more = encoding === null ? {} : { 'content-encoding': encoding };
        const answer = await post(running, bytes, { ...headers, ...more });
        expect(answer.body).toEqual({ accepted: 3, refused: [] });
        expect(answer.status).toBe(202);
        const { counts } = await received(running, 3);
        expect(counts.accepted).toBe(3);
      }
    },
  );

  it('one object is taken, on one line or many', async () => {
    const running = await serving({ data: newFolder() });
    expect((await post(running, sale(1))).body).toEqual({ accepted: 1, refused: [] });
    const pretty = JSON.stringify(sale(2), null, '\t');
    expect((await post(running, `\ufeff${pretty}\n`)).body).toEqual({ accepted: 1, refused: [] });
    await received(running, 2);
    const { body } = await ask(`${running.url}/v1/views/perShop`);
    expect(body.rows[0].measures).toEqual({ sold: 2, cents: 203, least: 101, price: 101.5 });
  });

  it('a body without a type or without a length is taken', async () => {
    const running = await serving();
    const body = new ReadableStream({
      start(controller) {
        for (const part of JSON.stringify(three).match(/.{1,10}/g)!) {
          controller.enqueue(new TextEncoder().encode(part));
        }
        controller.close();
      },
    });
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    expect((await ask(`${running.url}/v1/events`, init)).status).toBe(202);
    await received(running, 3);
  });

  it('equal ids count once, in one request or many', async () => {
    const running = await serving();
    for (let i = 0; i < 3; i += 1) await post(running, [sale(1), sale(1), sale(2)]);
    const { counts } = await received(running, 9);
    expect(counts).toMatchObject({ accepted: 2, duplicates: 7 });
  });
});

describe('what is refused', () => {
  it('is told by index, with the reason and all that is wrong', async () => {
    const running = await serving();
    const lines = [
      JSON.stringify(sale(1)),
      '{"id":',
      '7',
      JSON.stringify({ id: 's2', shop: 7 }),
      JSON.stringify(sale(3, { at: '2999-01-01T00:00:00Z' })),
      '{"__proto__":1}',
      JSON.stringify(sale(4, { id: 'x'.repeat(1_500) })),
      JSON.stringify(sale(5)),
    ];
    const answer = await post(running, lines.join('\n'));
    expect(answer.status).toBe(202);
    expect(answer.body.accepted).toBe(2);
    const reasons = answer.body.refused.map((one: Record<string, unknown>) => [
      one['index'],
      one['reason'],
    ]);
    expect(reasons).toEqual([
      [1, 'undecodable'],
      [2, 'undecodable'],
      [3, 'invalid'],
      [4, 'future'],
      [5, 'undecodable'],
      [6, 'too-large'],
    ]);
    expect(answer.body.refused[2].errors.length).toBeGreaterThan(1);
    const { counts } = await received(running, 2);
    expect(counts.deadLettered).toBe(0);
  });

  it('is a 422 when nothing was accepted', async () => {
    const running = await serving();
    const body = expectProblem(await post(running, [{}, 7]), 422);
    expect(body.accepted).toBe(0);
    expect(body.refused.map((one: { index: number }) => one.index)).toEqual([0, 1]);
    expectProblem(await post(running, []), 422);
    expectProblem(await post(running, '"text"'), 422);
    expectProblem(await post(running, { id: '' }), 422);
  });

  it.each([
    ['nothing', ''],
    ['blanks', ' \n\t\n'],
    ['no JSON', 'hello'],
    ['half an object', '{"id":"s1",'],
    ['half an array', '[{"id":"s1"}'],
    ['bytes that are no UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d)],
    ['half a gzip', gzipSync('{}').subarray(0, 15)],
    ['half a zstd', zstdCompressSync('{"a":1}'.repeat(9)).subarray(0, 15)],
    ['gzip in gzip', gzipSync(gzipSync('{}'))],
  ])('%s is a 400', async (_, body) => {
    expectProblem(await post(await serving(), body), 400);
  });

  it('a header that promises compression must be true', async () => {
    const running = await serving();
    expectProblem(await post(running, sale(1), { 'content-encoding': 'gzip' }), 400);
    expectProblem(await post(running, sale(1), { 'content-encoding': 'br' }), 415);
  });

  it.each(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/html', 'image/png'])(
    'a body of type %s is a 415',
    async (type) => {
      expectProblem(await post(await serving(), sale(1), { 'content-type': type }), 415);
    },
  );
});

describe('limits', () => {
  it('a body may have exactly requestBytesMax bytes, told or not', async () => {
    const body = JSON.stringify(sale(1));
    const running = await serving({ limits: { requestBytesMax: body.length } });
    expect((await post(running, body)).status).toBe(202);
    expectProblem(await post(running, `${body} `), 413);
    const init = { method: 'POST', body: new Blob([body, ' ']).stream(), duplex: 'half' };
    expectProblem(await ask(`${running.url}/v1/events`, init as RequestInit), 413);
    expect((await post(running, body)).status).toBe(202);
  });

  it('a bomb is not unpacked', async () => {
    const running = await serving({ limits: { requestUnpackedBytesMax: 10_000 } });
    for (const pack of [gzipSync, zstdCompressSync]) {
      const bomb = pack(`[${JSON.stringify(sale(1))}${' '.repeat(50_000_000)}]`);
      const problem = expectProblem(await post(running, bomb), 413);
      expect(problem.detail).toContain('requestUnpackedBytesMax');
    }
  });

  it('too many events are a 413, as lines and as elements', async () => {
    const running = await serving({ limits: { requestEventsMax: 3 } });
    expect((await post(running, text(three))).status).toBe(202);
    for (const body of [text([...three, sale(4)]), JSON.stringify([...three, sale(4)])]) {
      expect(expectProblem(await post(running, body), 413).detail).toContain('requestEventsMax');
    }
  });

  it('an event that nests too deep is refused alone', async () => {
    const running = await serving({ limits: { jsonDepthMax: 4 } });
    const deep = sale(2, { more: [[[[1]]]] });
    const { body } = await post(running, [sale(1), deep]);
    expect(body).toMatchObject({ accepted: 1, refused: [{ index: 1, reason: 'undecodable' }] });
  });

  it('an event over the bytes of a record is refused alone', async () => {
    const running = await serving();
    const big = sale(2, { more: 'x'.repeat(1_100_000) });
    const { body } = await post(running, [sale(1), big, sale(3)]);
    expect(body).toMatchObject({ accepted: 2, refused: [{ index: 1, reason: 'too-large' }] });
    await received(running, 2);
  });
});
