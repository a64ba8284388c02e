import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Row } from '../../core/pipeline.ts';
import type { Answer } from '../../core/query/answer.ts';
import { compose } from '../../local-app/composition.ts';
import { localConfig } from '../../local-app/config.ts';
import { readPlace } from '../../local-app/flights-place.ts';
import { flights as flightsInOrder } from '../../local-app/flights-source.ts';
import { Pump } from '../../local-app/pump.ts';
import { flights } from '../../pipelines/flights.ts';
import { newFolder } from '../local/folder.ts';
import { millrace } from './child.ts';
import { ask, serving } from './serving.ts';

/** What the data folder of a demo that is at rest holds, once the rest of its stream is folded. */
async function counted(data: string) {
  const app = compose(localConfig({ pipelines: [flights], data }));
  try {
    await new Pump(app).drain();
    const { reader } = app.served.get('flights')!;
    const rows = new Map<string, number>();
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: { cursor?: string } = cursor === '' ? {} : { cursor };
      const answer: Answer<Row<typeof flights, 'byOrigin'>> = await reader.query(
        flights,
        'byOrigin',
        { limit: 10_000, ...query },
      );
      for (const { key, start, measures } of answer.rows) {
        rows.set(`${start} ${key.origin}`, measures.flights);
      }
      cursor = answer.next;
    }
    const partitions = await reader.partitions();
    const total = (of: 'accepted' | 'duplicates') =>
      partitions.reduce((sum, { counts }) => sum + counts[of], 0);
    const place = await readPlace(app.store);
    return { rows, accepted: total('accepted'), duplicates: total('duplicates'), place };
  } finally {
    app.close();
  }
}

/** Flights per hour and origin of the first ones to arrive. */
async function expected(sent: number): Promise<Map<string, number>> {
  const rows = new Map<string, number>();
  let left = sent;
  for await (const arrivals of flightsInOrder()) {
    for (const { date, origin } of arrivals.rows) {
      const hour = `${date.slice(0, 13)}:00:00.000Z ${origin}`;
      rows.set(hour, (rows.get(hour) ?? 0) + 1);
      left -= 1;
    }
    if (left <= 0) break;
  }
  return rows;
}

const sorted = (rows: Map<string, number>) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));

describe('millrace start', () => {
  it('goes on where it was stopped, with nothing lost or sent twice', async () => {
    const data = newFolder();
    const args = ['start', '--port', '0', '--data', data, '--pace', '100h'];
    let sent = 0;
    for (let run = 0; run < 3; run += 1) {
      const child = millrace(...args);
      const before = sent;
      const progress = await child.until((each) => each.sent > before + 5_000);
      expect(progress.received).toBeGreaterThan(before);
      child.kill(run === 1 ? 'SIGTERM' : 'SIGINT');
      expect(await child.ended).toEqual({ code: 0, stderr: '' });
      const { place, accepted, duplicates, rows } = await counted(data);
      sent = place!.sent;
      expect({ accepted, duplicates }).toEqual({ accepted: sent, duplicates: 0 });
      expect(sorted(rows)).toEqual(sorted(await expected(sent)));
    }
  });

  it('goes on after a kill -9: what is sent again is a duplicate', async () => {
    const data = newFolder();
    const args = ['start', '--port', '0', '--data', data, '--pace', 'max'];
    let sent = 0;
    for (let run = 0; run < 3; run += 1) {
      const child = millrace(...args);
      const before = sent;
      sent = (await child.until((each) => each.sent > before + 10_000)).sent;
      child.kill(run < 2 ? 'SIGKILL' : 'SIGINT');
      expect((await child.ended).code).toBe(run < 2 ? 'SIGKILL' : 0);
    }
    const { place, accepted, rows } = await counted(data);
    expect(accepted).toBe(place!.sent);
    expect(sorted(rows)).toEqual(sorted(await expected(place!.sent)));
  });

  it('starts over with --fresh', async () => {
    const data = newFolder();
    const args = ['start', '--port', '0', '--data', data];
    const first = millrace(...args, '--pace', 'max');
    await first.until(({ sent }) => sent > 20_000);
    first.kill('SIGKILL');
    await first.ended;
    const second = millrace(...args, '--fresh', '--pace', '1h');
    const { sent, received } = await second.until((each) => each.sent > 0);
    expect(sent).toBeLessThan(20_000);
    expect(received).toBeLessThan(20_000);
    const { body } = await ask(`${await second.url}/v1/views/byOrigin?limit=1`);
    expect(body.rows[0].start).toMatch(/^2001-01-01/);
  });

  it('leaves a folder alone that is none of Millrace', async () => {
    const data = newFolder();
    mkdirSync(join(data, 'objects'));
    writeFileSync(join(data, 'objects', 'mine'), '');
    const child = millrace('start', '--fresh', '--port', '0', '--data', data);
    const { code, stderr } = await child.ended;
    expect(code).toBe(1);
    expect(JSON.parse(stderr).error.message).toContain('no data folder of Millrace');
  });

  it('says by what to choose another port, folder or pace', async () => {
    const { url } = await serving();
    const data = newFolder();
    const { port } = new URL(url);
    const taken = await millrace('start', '--data', data, '--port', port).ended;
    expect(taken.code).toBe(1);
    expect(JSON.parse(taken.stderr).error.message).toMatch(/is taken.*--port/);
    const first = millrace('serve', '--data', data, '--port', '0');
    await first.url;
    const second = await millrace('start', '--data', data, '--port', '0').ended;
    expect(second.code).toBe(1);
    expect(JSON.parse(second.stderr).error.message).toMatch(/in use.*--data/);
    for (const pace of ['fast', '0h', '-1h']) {
      const wrong = await millrace('start', '--data', data, `--pace=${pace}`).ended;
      expect(wrong.code, pace).toBe(2);
    }
    const open = await millrace('serve', '--data', data, '--host', '0.0.0.0', '--port', '0').ended;
    expect(open.code).toBe(1);
    expect(JSON.parse(open.stderr).error.message).toContain('MILLRACE_TOKEN');
  });
});
