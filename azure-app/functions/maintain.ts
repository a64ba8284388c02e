import { app } from '@azure/functions';
import type { App } from '../composition.ts';

const secondsMax = 50;

/** Does once a minute what needs a clock. What fails is told, and tried again in the next minute. */
export function registerMaintain(started: Promise<App>): void {
  app.timer('maintain', {
    schedule: '0 * * * * *',
    handler: async (_timer, context) => {
      const { maintenance, clock, telemetry, poisoned, sweep } = await started;
      const { failures, ...done } = await maintenance.run(clock.now() + secondsMax * 1000);
      for (const { what, error } of failures) context.error(`${what}:`, error);
      context.log(JSON.stringify({ millrace: 'maintained', ...done, failures: failures.length }));
      try {
        telemetry.gauge('poisoned_notices', await poisoned(), {});
      } catch (error) {
        context.error('the queue of notices that failed:', error);
      }
      telemetry.flush(true);
      await sweep();
    },
  });
}
