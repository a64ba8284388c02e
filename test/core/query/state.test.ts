import { definePipeline, global, session, tumbling } from 'millrace';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { endStream, readFinality } from '../../../core/journal/partitions.ts';
import { recordsOf } from '../folding.ts';
import { World } from '../small-world.ts';

const noon = Date.UTC(2001, 0, 1, 12);
const waits = definePipeline({
  name: 'waits',
  schema: Type.Object({ id: Type.String(), at: Type.Integer() }),
  ...{ id: 'id', time: 'at', partitionKey: 'id', dedupe: 'off' },
  views: (on) => {
    const view = { key: [], measures: { n: on.count() } } as const;
    return {
      minutes: on.view({ ...view, lateness: '1m', window: tumbling('1m') }),
      visits: on.view({ ...view, lateness: '1m', window: session({ gap: '1m' }) }),
      ever: on.view({ ...view, window: global() }),
    };
  },
});

test('a row is open until the watermark is at its end, then closing, then final', async () => {
  const world = new World([waits]);
  let position = 0;
  const at = async (second: number) => {
    const records = recordsOf([{ id: `e${second}`, at: noon + second * 1000 }]);
    await world.process(records.map((one) => ({ ...one, position: BigInt(position) })));
    position += 1;
  };
  const raise = async (second: number) => {
    const stored = await readFinality(world.journals[0]!);
    await stored!.raise(noon + second * 1000);
  };
  const first = async () => {
    const states: string[] = [];
    for (const view of ['minutes', 'visits', 'ever'] as const) {
      const { rows } = await world.reader().query(waits, view);
      expect(rows[0]!.final).toBe(rows[0]!.state === 'final');
      expect(JSON.parse(await world.answer(view)).rows[0].state).toBe(rows[0]!.state);
      states.push(rows[0]!.state);
    }
    return states;
  };
  await at(30);
  expect(await first()).toEqual(['open', 'open', 'open']);
  await at(60);
  expect(await first()).toEqual(['closing', 'open', 'open']);
  await at(180);
  await raise(119);
  expect(await first()).toEqual(['closing', 'closing', 'open']);
  await raise(120);
  expect(await first()).toEqual(['final', 'closing', 'open']);
  await raise(180);
  expect(await first()).toEqual(['final', 'final', 'open']);
  await endStream(world.journals[0]!);
  expect(await first()).toEqual(['final', 'final', 'final']);
});
