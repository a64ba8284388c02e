import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type App, compose } from '../local-app/composition.ts';
import { localConfig } from '../local-app/config.ts';
import { Pump } from '../local-app/pump.ts';
import { clickTexts, hourly } from './clicks.ts';
import { atMost, type Figure, quantile, reported } from './figure.ts';

const eventsPerSecond = 5_000;
const seconds = 8;
const tickMs = 10;

/** How many clicks the API shows. */
async function visible(app: App): Promise<number> {
  const read = await app.served.get(hourly.name)?.reader.read('byHour', { limit: 1 });
  let sum = 0;
  if (read)
    for (let row = 0; row < read.rows.size; row += 1)
      sum += Number(read.rows.columns[0]?.result(row));
  return sum;
}

/** Sends at a steady rate; the time at which each event was accepted, milliseconds. */
async function send(app: App): Promise<number[]> {
  const accepted: number[] = [];
  const count = eventsPerSecond * seconds;
  const texts = [...clickTexts({ count, rate: eventsPerSecond, keys: 1_000, seed: 5 })];
  const from = performance.now();
  const all: Promise<void>[] = [];
  for (let at = 0; at < count; ) {
    const due = Math.min(count, Math.floor(((performance.now() - from) / 1000) * eventsPerSecond));
    for (; at < due; at += 1) {
      const text = texts[at] as string;
      const key = (JSON.parse(text) as { page: string }).page;
      all.push(app.publisher.send(key, text).then(() => void accepted.push(performance.now())));
    }
    await sleep(tickMs);
  }
  await Promise.all(all);
  return accepted;
}

/** From an event's acceptance by the stream to its place in the answers, embedded, at 5,000 events/s. */
export async function freshnessFigures(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const app = compose(localConfig({ pipelines: [hourly], data: folder, partitions: 4 }));
  const pump = new Pump(app, (_, error) => console.error(error));
  await pump.start();
  const seen: { at: number; count: number }[] = [];
  let sending = true;
  const watch = async (): Promise<void> => {
    while (sending) {
      seen.push({ at: performance.now(), count: await visible(app) });
      await sleep(tickMs);
    }
  };
  const watching = watch();
  const accepted = await send(app);
  await sleep(1_000);
  sending = false;
  await watching;
  await pump.stop();
  app.close();
  rmSync(folder, { recursive: true });
  // Duplicates never show, so events are matched by their share of what shows in the end.
  const shown = (seen.at(-1)?.count ?? 0) / accepted.length;
  let at = 0;
  const ages = accepted.map((time, i) => {
    while ((seen[at]?.count ?? Number.POSITIVE_INFINITY) < (i + 1) * shown) at += 1;
    return (seen[at]?.at ?? Number.POSITIVE_INFINITY) - time;
  });
  return [
    atMost('freshness-p99', quantile(ages.slice(eventsPerSecond), 0.99), 'ms', 250),
    reported('freshness-p50', quantile(ages.slice(eventsPerSecond), 0.5), 'ms'),
  ];
}
