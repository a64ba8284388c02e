import { expect } from 'vitest';
import { MemoryEventPublisher } from '../../adapters/memory/memory-event-publisher.ts';
import { MemoryStreamReader } from '../../adapters/memory/memory-stream-reader.ts';
import { Maintenance } from '../../core/maintain.ts';
import { minutes, tick } from './fold/events.ts';
import { World } from './small-world.ts';

/** Milliseconds. */
export const day = 86_400_000;
/** An event of its number. */
export const event = (n: number): object => tick(n, { id: `n${n}` });
/** An event that no schema takes. */
export const bad = (): object => ({ id: 7 });

/** A world with a stream, a processor on it, and maintenance beside them. */
export function tended(options: ConstructorParameters<typeof World>[1] = {}) {
  const world = new World([minutes], options);
  const stream = new MemoryStreamReader(world.log);
  const processor = world.processor(world.journals, stream);
  const maintenance = (): Maintenance =>
    new Maintenance({
      ...{ journals: world.journals, readers: [world.reader()], processor, stream },
      ...{ clock: world.clock, telemetry: world.telemetry, notices: world.queue },
      random: () => 0.5,
      retentionSeconds: 86_400,
      idle: 'hold',
    });
  const publish = async (
    from: number,
    to: number,
    of = event,
    [bucket, bucketCount] = [0, 1],
  ): Promise<void> => {
    const publisher = new MemoryEventPublisher(world.log, world.clock);
    for (let n = from; n < to; n += 1) {
      const body = new TextEncoder().encode(JSON.stringify(of(n)));
      await publisher.publish([{ bucket: bucket!, bucketCount: bucketCount!, body }]);
    }
  };
  const process = async (from: number, to: number): Promise<void> => {
    const { records } = await stream.read('0', BigInt(from), to - from);
    const { failures } = await world.process(records, '0', processor);
    expect(failures).toEqual([]);
  };
  const round = (by = maintenance()) => by.run(world.clock.time + 60_000);
  const status = async () => (await world.reader().partitions())[0]!;
  return { world, maintenance, publish, process, round, status };
}
