import { app } from '@azure/functions';
import { indexNotice } from '../../core/poison.ts';
import type { App } from '../composition.ts';

/** Takes the notices of dead letters into their index. One that fails five times ends in the queue `<queue>-poison`. */
export function registerPoison(started: Promise<App>): void {
  app.storageQueue('poison', {
    connection: 'STORAGE',
    queueName: '%NOTICES_QUEUE%',
    handler: async (message) => {
      const { journals, telemetry } = await started;
      // The host has parsed what is JSON.
      const text = typeof message === 'string' ? message : JSON.stringify(message);
      await indexNotice(journals, telemetry, text);
      telemetry.flush();
    },
  });
}
