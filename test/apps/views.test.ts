import { describe, expect, it } from 'vitest';
import { ask, expectProblem, post, received, serving } from './serving.ts';
import { sale, sales, visits } from './shop.ts';

const at = (hour: number) => `2026-01-01T${String(hour).padStart(2, '0')}:15:00Z`;

/** Nine sales: three hours of three shops. */
const nine = [8, 9, 10].flatMap((hour, i) =>
  ['oslo', 'rome', 'bonn & co'].map((shop, j) => sale(3 * i + j, { at: at(hour), shop })),
);

async function nineSales() {
  const running = await serving();
  await post(running, nine);
  await received(running, 9);
  return `${running.url}/v1/views`;
}

describe('the rows of a view', () => {
  it('come by start and key, with what it takes to judge them', async () => {
    const views = await nineSales();
    const { body, headers } = await ask(`${views}/perShop`);
    expect(Object.keys(body)).toEqual([
      ...['view', 'generation', 'watermark', 'late', 'deadLettered', 'grainSeconds'],
      ...['keptFrom', 'lagSeconds', 'rows', 'next', 'token'],
    ]);
    expect(body.rows).toHaveLength(9);
    expect(body.rows[0]).toEqual({
      view: 'perShop',
      key: { shop: 'bonn & co' },
      start: '2026-01-01T08:00:00.000Z',
      end: '2026-01-01T09:00:00.000Z',
      final: false,
      state: 'open',
      measures: { sold: 1, cents: 102, least: 102, price: 102 },
    });
    expect(body.next).toBeNull();
    expect(headers.get('cache-control')).toBe('private, no-cache');
    expect(headers.get('vary')).toBe('accept');
    expect(headers.has('access-control-allow-origin')).toBe(false);
  });

  it('are chosen by time and key, ordered by a measure', async () => {
    const views = await nineSales();
    const of = async (query: string) => {
      const { body } = await ask(`${views}/perShop?${query}`);
      return body.rows.map((row: { measures: { cents: number } }) => row.measures.cents - 100);
    };
    expect(await of('key.shop=bonn%20%26%20co')).toEqual([2, 5, 8]);
    expect(await of('from=2026-01-01T09:00:00Z&order=-cents&limit=3')).toEqual([8, 7, 6]);
    expect(await of('from=2026-01-01&to=2026-01-01T09:00:00%2B00:00&order=cents')).toEqual([
      0, 1, 2,
    ]);
    expect(await of('key.shop=paris')).toEqual([]);
  });

  it('are paged by a cursor, each once', async () => {
    const views = await nineSales();
    const seen: number[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = `order=-cents&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const { body } = await ask(`${views}/perShop?${query}`);
      seen.push(...body.rows.map((row: { measures: { cents: number } }) => row.measures.cents));
      cursor = body.next;
    }
    expect(seen).toEqual([108, 107, 106, 105, 104, 103, 102, 101, 100]);
  });

  it('are those of longer windows, or one per key', async () => {
    const views = await nineSales();
    const of = async (query: string) => {
      const { body } = await ask(`${views}/perShop?key.shop=oslo&${query}`);
      return [body.grainSeconds, body.rows.map((row: { measures: object }) => row.measures)];
    };
    const measures = { sold: 3, cents: 309, least: 100, price: 103 };
    expect(await of('grain=6h')).toEqual([
      3_600,
      [{ sold: 3, cents: 309, least: 100, price: 103 }],
    ]);
    expect(await of('grain=2h')).toMatchObject([3_600, [{ sold: 2 }, { sold: 1 }]]);
    expect(await of('grain=1d')).toEqual([86_400, [measures]]);
    expect(await of('grain=all')).toEqual([86_400, [measures]]);
    expect(await of('grain=all&to=2026-01-01T09:00:00Z')).toMatchObject([3_600, [{ sold: 1 }]]);
  });

  it('exist for a view without key parts', async () => {
    const views = await nineSales();
    const { body } = await ask(`${views}/perDay`);
    expect(body.rows).toMatchObject([{ key: {}, measures: { sold: 9 } }]);
  });
});

describe('a query that can not be', () => {
  it('is a 400 that names every unknown and repeated parameter', async () => {
    const views = await nineSales();
    const query = 'form=2026-01-01&key.city=oslo&limit=1&limit=2&to=2026-01-01';
    const { problems } = expectProblem(await ask(`${views}/perShop?${query}`), 400);
    expect(problems).toHaveLength(3);
    expect(problems.join()).toContain("'form'");
    expect(problems.join()).toContain("'key.city'");
    expect(problems.join()).toContain('limit: given more than once');
  });

  it.each([
    'from=yesterday',
    'from=2026-01-02&to=2026-01-01',
    'limit=0',
    'limit=-1',
    'limit=1e3',
    'limit=1000000',
    'order=price2',
    'order=',
    'order=--cents',
    'grain=90m',
    'grain=hour',
    'grain=',
    'grain=1h&grain=1d',
    'grain=all&from=2026-01-01T08:15:00Z',
    'cursor=x',
    'cursor=W10',
    'cursor=WzAsWyJubyJdXQ',
    'key.shop.x=1',
    '%00=1',
    '=1',
    'from=%ff',
  ])('%s is a 400', async (query) => {
    expectProblem(await ask(`${await nineSales()}/perShop?${query}`), 400);
  });

  it.each(['nothing', 'pershop', 'sales.nothing', 'other.perShop', 'a%2Fb', '%ff'])(
    'of the view %s is a 404 that names those there are',
    async (view) => {
      const { detail } = expectProblem(await ask(`${await nineSales()}/${view}`), 404);
      expect(detail).toContain('perShop, perDay');
    },
  );
});

describe('two pipelines', () => {
  it('share the stream; a view of both is asked for by its full name', async () => {
    const running = await serving({ pipelines: [sales, visits] });
    const visit = { ...sale(2), id: 'v1', cents: undefined, visitor: 'ann' };
    const both = { ...sale(3), visitor: 'bob' };
    expect((await post(running, [sale(1), visit, both])).body).toEqual({
      accepted: 3,
      refused: [],
    });
    const { body: refused } = await post(running, { id: 'x' });
    expect(refused.refused[0].errors.join()).toMatch(/sales: .*visits: /);
    await received(running, 3, 0);
    const status = await received(running, 3, 1);
    expect(status).toMatchObject({ counts: { accepted: 2, deadLettered: 1 }, conserved: true });
    const views = `${running.url}/v1/views`;
    const { body } = await ask(views);
    expect(body.views.map((one: { href: string }) => one.href)).toEqual([
      '/v1/views/sales.perShop',
      '/v1/views/perDay',
      '/v1/views/visits.perShop',
    ]);
    expect(expectProblem(await ask(`${views}/perShop`), 400).detail).toContain('visits.perShop');
    const rows = async (view: string) => (await ask(`${views}/${view}`)).body.rows;
    expect(await rows('sales.perShop')).toMatchObject([{ measures: { sold: 2 } }]);
    expect(await rows('visits.perShop')).toMatchObject([{ measures: { visits: 2 } }]);
    expect(await rows('sales.perDay')).toEqual(await rows('perDay'));
  });
});
