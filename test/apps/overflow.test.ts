import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';
import { Compile } from 'typebox/schema';
import { expect, it } from 'vitest';
import { ask, post, received, serving } from './serving.ts';

const tills = definePipeline({
  name: 'tills',
  schema: Type.Object({
    id: Type.String(),
    at: Type.String({ format: 'date-time' }),
    shop: Type.String(),
  }),
  ...{ id: 'id', time: 'at', partitionKey: 'id' },
  watermark: { outOfOrder: '7d', idleAfter: '1d' },
  views: (on) => ({
    few: on.view({
      key: ['shop'],
      keysMax: 1,
      window: tumbling('1h'),
      measures: { sold: on.count() },
    }),
  }),
});

it('an overflow row is told from one of a key that is empty, in rows, description and status', async () => {
  const running = await serving({ pipelines: [tills] });
  const sales = Array.from({ length: 40 }, (_, i) => ({
    ...{ id: `${i}`, at: '2001-01-01T12:00:00Z', shop: i % 2 === 0 ? '' : `s${i}` },
  }));
  await post(running, sales);
  await received(running, sales.length);
  const { body } = await ask(`${running.url}/v1/views/few`);
  const overflow = body.rows.filter((row: { overflow: boolean }) => row.overflow);
  expect(overflow).toHaveLength(1);
  const { sold } = overflow[0].measures;
  expect(overflow[0]).toMatchObject({
    key: { shop: null },
    measures: { sold: expect.any(Number) },
  });
  const others = body.rows.filter((row: { overflow: boolean }) => !row.overflow);
  const total = others.reduce(
    (sum: number, row: (typeof overflow)[0]) => sum + row.measures.sold,
    0,
  );
  expect(total + sold).toBe(40);
  const { body: document } = await ask(`${running.url}/openapi.json`);
  const path = document.paths['/v1/views/few'] ?? document.paths['/v1/views/{view}'];
  const { schema } = path.get.responses[200].content['application/json'];
  const validator = Compile({ ...schema, components: document.components } as never);
  expect(validator.Errors(body)[1]).toEqual([]);
  const [{ counts }] = (await ask(`${running.url}/v1/status`)).body.pipelines;
  expect(counts.views.few).toEqual({ offered: 40, counted: 40, late: 0, overflowed: sold });
  const none = await ask(`${running.url}/v1/views/few?key.shop=null`);
  expect(none.body.rows).toEqual([]);
  const { body: list } = await ask(`${running.url}/v1/views`);
  expect(list.views).toMatchObject([{ view: 'few', keysMax: 1 }]);
});
