import { describe, expect, it } from 'vitest';
import { ask, expectProblem, post, received, serving } from './serving.ts';
import { sale } from './shop.ts';

const at = (hour: number) => `2026-01-01T${String(hour).padStart(2, '0')}:15:00Z`;
const odd = '=a,"b"\nc';

/** Oslo sells at eight and ten, the shop of an odd name at nine. */
async function threeSales(limits = {}) {
  const running = await serving({ limits });
  const sales = [
    sale(1, { at: at(8), shop: 'oslo' }),
    sale(2, { at: at(9), shop: odd }),
    sale(3, { at: at(10), shop: 'oslo' }),
  ];
  await post(running, sales);
  await received(running, 3);
  return { running, view: `${running.url}/v1/views/perShop` };
}

const csv = [
  'start,end,state,key.shop,sold,cents,least,price',
  '2026-01-01T08:00:00.000Z,2026-01-01T09:00:00.000Z,open,oslo,1,101,101,101',
  '2026-01-01T09:00:00.000Z,2026-01-01T10:00:00.000Z,open,"=a,""b""\nc",1,102,102,102',
  '2026-01-01T10:00:00.000Z,2026-01-01T11:00:00.000Z,open,oslo,1,103,103,103',
];

describe('CSV', () => {
  it('has a header and a line per row, by parameter or by Accept', async () => {
    const { view } = await threeSales();
    const answer = await ask(`${view}?format=csv`);
    expect(answer.type).toBe('text/csv; charset=utf-8; header=present');
    expect(answer.body).toBe(csv.map((line) => `${line}\r\n`).join(''));
    const headers = { accept: 'text/csv, application/json;q=0.5' };
    expect((await ask(view, { headers })).body).toBe(answer.body);
    expect((await ask(`${view}?format=rows`, { headers })).body.rows).toHaveLength(3);
    const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    expect((await ask(view, { headers: browser })).body.rows).toHaveLength(3);
  });

  it('says in a header where the next rows are', async () => {
    const { view, running } = await threeSales();
    let lines: string[] = [];
    for (let next: string | undefined = `${view}?format=csv&limit=2`; next !== undefined; ) {
      const { body, headers } = await ask(next);
      lines = [...lines, ...body.split('\r\n').slice(1, -1)];
      const path = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
      next = path === undefined ? undefined : running.url + path;
    }
    expect(lines).toEqual(csv.slice(1));
  });
});

describe('series', () => {
  it('are arrays of one length by key, with gaps', async () => {
    const { view } = await threeSales();
    const { body } = await ask(`${view}?format=series`);
    expect(body).toMatchObject({ view: 'perShop', late: 0, next: null });
    expect(body.start).toEqual([8, 9, 10].map((hour) => Date.UTC(2026, 0, 1, hour) / 1000));
    expect(body.series).toEqual([
      {
        key: { shop: odd },
        state: [null, 'open', null],
        measures: {
          sold: [null, 1, null],
          cents: [null, 102, null],
          least: [null, 102, null],
          price: [null, 102, null],
        },
      },
      {
        key: { shop: 'oslo' },
        state: ['open', null, 'open'],
        measures: {
          sold: [1, null, 1],
          cents: [101, null, 103],
          least: [101, null, 103],
          price: [101, null, 103],
        },
      },
    ]);
  });

  it('are refused with more points than an answer has rows', async () => {
    const { view } = await threeSales({ answerRowsMax: 5 });
    const { detail } = expectProblem(await ask(`${view}?format=series`), 400);
    expect(detail).toContain('6 points, 3 windows of 2 keys, over 5');
    expect((await ask(`${view}?format=series&key.shop=oslo`)).status).toBe(200);
  });
});

describe('groups', () => {
  it('are merged by some parts of the key, with derived values of the merge', async () => {
    const { view } = await threeSales();
    const { body } = await ask(`${view}?group=&prefix.shop=os`);
    expect(body.rows).toMatchObject([
      { key: {}, measures: { sold: 1, cents: 101, price: 101 } },
      { key: {}, measures: { sold: 1, cents: 103, price: 103 } },
    ]);
    const { body: top } = await ask(`${view}?group=shop&order=-cents&top=1&limit=2`);
    expect(top.rows.map((row: { key: object }) => row.key)).toEqual([
      { shop: 'oslo' },
      { shop: odd },
    ]);
  });
});

describe('an answer that still holds', () => {
  it('is a 304, until anything in it may be another', async () => {
    const { view, running } = await threeSales();
    const first = await ask(view);
    const etag = first.headers.get('etag') ?? '';
    const again = await ask(view, { headers: { 'if-none-match': `"x", ${etag}` } });
    expect([again.status, again.body]).toEqual([304, '']);
    expect(again.headers.get('etag')).toBe(etag);
    const other = await ask(`${view}?limit=3`, { headers: { 'if-none-match': etag } });
    expect(other.status).toBe(200);
    await post(running, sale(4));
    await received(running, 4);
    const next = await ask(view, { headers: { 'if-none-match': etag } });
    expect(next.status).toBe(200);
    expect(next.headers.get('etag')).not.toBe(etag);
  });

  it('is told by a token what has changed', async () => {
    const { view, running } = await threeSales();
    const { body: first } = await ask(view);
    const none = await ask(`${view}?since=${first.token}`);
    expect(none.body).toMatchObject({ reset: false, rows: [], gone: [], expiredTo: null });
    await post(running, sale(4, { at: at(8), shop: 'oslo' }));
    await received(running, 4);
    const { body } = await ask(`${view}?since=${none.body.token}`);
    expect(body).toMatchObject({ reset: false, rows: [{ measures: { sold: 2 } }] });
    const { body: grouped } = await ask(`${view}?group=&since=${body.token}`);
    expect(grouped).toMatchObject({ reset: true, rows: { length: 3 } });
  });
});

it('all that is wrong with an asking is told at once, of every kind', async () => {
  const { view } = await threeSales();
  const query =
    'format=xml&since=a&cursor=b&top=0&limit=x&group=city&prefix.town=y&order=x&from=then&top=1';
  const { problems } = expectProblem(await ask(`${view}?${query}`), 400);
  expect(problems).toEqual([
    'top: given more than once',
    expect.stringMatching(/^there is no parameter 'prefix.town'/),
    "format: must be one of rows, series, csv, not 'xml'",
    'since and cursor: give only one of them',
    'since: goes with format=rows alone',
    "limit: must be a whole number from 1, not 'x'",
    "top: must be a whole number from 1, not '0'",
    expect.stringMatching(/^from: 'then' is no RFC 3339 time/),
    "there is no key part 'city'; there is shop",
    expect.stringMatching(/^there is no measure 'x'/),
  ]);
});
