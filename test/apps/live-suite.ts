import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settled } from './answers.ts';
import type { AppHost } from './app-under-test.ts';
import { eventsIn, Holding } from './event-stream.ts';
import { tenEvents } from './storm-events.ts';

const path = '/v1/live?view=perKey';

/** A live stream through a whole app, over what stands before it on its host. */
export function liveSuite(host: AppHost): void {
  describe(`a live stream, ${host.name}`, () => {
    beforeAll(() => host.open());
    afterAll(() => host.close());

    it('tells what happens while it is open, and goes on where it was left', async () => {
      const app = await host.start({ pipelines: 'storm', partitions: 1 });
      await app.put('0', [tenEvents('a')]);
      await settled(app);
      const holding = new Holding();
      const events = eventsIn(await app.request(path));
      const take = async (from: typeof events): Promise<{ reset: boolean; rows: unknown[] }> => {
        const { value } = await from.next();
        if (value === undefined) throw new Error('The stream has ended.');
        holding.take(value);
        return value.data;
      };
      expect(await take(events)).toMatchObject({ reset: true, rows: { length: 3 } });
      // An answer that were held back until it is whole would have ended by now.
      await app.put('0', [tenEvents('b')]);
      expect(await take(events)).toMatchObject({ reset: false, rows: { length: 3 } });
      await events.return(undefined);
      await app.put('0', [tenEvents('c')]);
      await settled(app);
      const headers = { 'last-event-id': holding.last };
      const resumed = eventsIn(await app.request(path, { headers }));
      expect(await take(resumed)).toMatchObject({ reset: false, rows: { length: 3 } });
      await resumed.return(undefined);
      const answer = (await (await app.request('/v1/views/perKey')).json()) as { rows: unknown[] };
      expect([...holding.rows.values()]).toEqual(answer.rows);
    });
  });
}
