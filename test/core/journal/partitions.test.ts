import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { timeMax, timeMin } from '../../../core/event.ts';
import { addPartitions, endStream, readPartitions } from '../../../core/journal/partitions.ts';
import { minutes, tick } from '../fold/events.ts';
import { recordsOf } from '../folding.ts';
import { World } from '../small-world.ts';

test('before the first partition there is nothing', async () => {
  const world = new World([minutes]);
  expect(await readPartitions(world.journals[0]!)).toBeNull();
});

test('partitions are listed once, in order, whoever adds them', async () => {
  const world = new World([minutes]);
  const names = ['2', '0', '1', '0', '2', '10'];
  await Promise.all(names.map((name) => addPartitions(world.journals[0]!, [name], 0)));
  expect(await readPartitions(world.journals[0]!)).toEqual({
    active: ['0', '1', '10', '2'],
    everSeen: ['0', '1', '10', '2'],
    ...{ finalTo: timeMin, finalWhenListed: timeMin },
    shape: minutes.plan.shape,
  });
});

test('a stream that has ended stays so, and its partitions stay listed', async () => {
  const world = new World([minutes]);
  await addPartitions(world.journals[0]!, ['0'], 0);
  await Promise.all([endStream(world.journals[0]!), addPartitions(world.journals[0]!, ['1'], 0)]);
  await endStream(world.journals[0]!);
  expect(await readPartitions(world.journals[0]!)).toMatchObject({
    everSeen: ['0', '1'],
    finalTo: timeMax,
  });
});

test('a journal that was written with another definition is refused, to read and to write', async () => {
  const world = new World([minutes]);
  await world.process(recordsOf([tick(0)]));
  const changed = definePipeline({
    name: 'minutes',
    schema: Type.Object({ id: Type.String(), at: Type.Number(), who: Type.String() }),
    ...{ id: 'id', time: 'at', partitionKey: 'who' },
    views: (on) => ({
      v: on.view({ key: [], window: tumbling('1m'), measures: { c: on.count() } }),
    }),
  });
  const journal = world.journal(changed);
  const refused = { code: 'definition', message: expect.stringContaining('minutes/1') };
  await expect(readPartitions(journal)).rejects.toMatchObject(refused);
  const { failures } = await world.process(recordsOf([tick(1)]), '1', world.processor([journal]));
  expect(failures).toMatchObject([{ error: refused }]);
});
