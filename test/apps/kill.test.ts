import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newFolder } from '../local/folder.ts';
import { type Child, millrace } from './child.ts';
import { RetryingProducer, randomOf } from './retrying-producer.ts';
import { ask } from './serving.ts';

const kills = 50;
const senders = 4;
const startMsMax = 700;
const workMsMax = 250;

/** Every third kill falls into the start, the others behind it. */
function killedAt(random: () => number, kill: number): readonly ['start' | 'work', number] {
  return kill % 3 === 0
    ? ['start', Math.floor(random() * startMsMax)]
    : ['work', Math.floor(random() * workMsMax)];
}

async function killAfter(child: Child, ms: number): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), ms);
  const { code, stderr } = await child.ended;
  clearTimeout(timer);
  expect([code, stderr]).toEqual(['SIGKILL', '']);
}

/** Servers one after the other on one folder. */
class Succession {
  child: Child;
  private next = Promise.withResolvers<void>();

  constructor(child: Child) {
    this.child = child;
  }

  /** The next one takes over. */
  follow(child: Child): void {
    this.child = child;
    this.next.resolve();
    this.next = Promise.withResolvers<void>();
  }

  /** Where one is up; one that is killed before it was is passed over. */
  async url(): Promise<string> {
    for (;;) {
      const { child, next } = this;
      try {
        return await child.url;
      } catch {
        if (child === this.child) await next.promise;
      }
    }
  }
}

async function rowsAt(url: string): Promise<[string, object][]> {
  const rows: [string, object][] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { body } = await ask(`${url}/v1/views/perKey?limit=1000${query}`);
    for (const { key, start, measures } of body.rows) rows.push([`${start} ${key.key}`, measures]);
    cursor = body.next;
  }
  return rows;
}

it('counts every event once, however often the server is killed', async () => {
  const seed = Math.floor(Math.random() * 4_294_967_296);
  const random = randomOf(seed);
  const moments = Array.from({ length: kills }, (_, kill) => killedAt(random, kill));
  console.info(`seed ${seed}; killed at ${moments.map((moment) => moment.join(' + ')).join(', ')}`);
  const args = ['--data', newFolder(), '--port', '0', '--partitions', '3'];
  const serve = () =>
    millrace('serve', '--pipelines', join(import.meta.dirname, 'tally.ts'), ...args);

  const succession = new Succession(serve());
  const producer = new RetryingProducer(seed, () => succession.url());
  const producing = producer.run(senders);
  try {
    for (const [phase, ms] of moments) {
      if (phase === 'work') await succession.child.url;
      await killAfter(succession.child, ms);
      succession.follow(serve());
    }
  } catch (error) {
    producer.abandon();
    throw error;
  }
  producer.stop();
  await producing;

  const { child } = succession;
  const url = await child.url;
  const { events, confirmed, retries, model } = producer;
  expect(confirmed).toBe(events);
  let counts: Record<string, number> = {};
  await expect
    .poll(
      async () => {
        counts = (await ask(`${url}/v1/status`)).body.pipelines[0].counts;
        return counts['accepted'];
      },
      { interval: 20, timeout: 30_000 },
    )
    .toBe(events);
  expect(counts['received']).toBe(events + counts['duplicates']!);
  const expected = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
  expect((await rowsAt(url)).sort(([a], [b]) => (a < b ? -1 : 1))).toEqual(expected);
  child.kill('SIGTERM');
  expect(await child.ended).toEqual({ code: 0, stderr: '' });
  console.info(`${events} events, ${retries} retries, ${counts['duplicates']} duplicates`);
  expect(retries).toBeGreaterThan(0);
}, 240_000);
