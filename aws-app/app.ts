import type { Pipeline } from '../core/pipeline.ts';
import { compose } from './composition.ts';
import { awsConfig } from './config.ts';
import { httpHandlers } from './functions/http.ts';
import { maintainHandler } from './functions/maintain.ts';
import { poisonHandler } from './functions/poison.ts';
import { processHandler } from './functions/process.ts';

/**
 * The handlers of all functions of the app.
 *
 * @throws MillraceError `definition` with all that is wrong with the settings.
 */
export function handlersOf(
  settings: Readonly<Record<string, string | undefined>>,
  pipelines: readonly Pipeline[],
) {
  const app = compose(awsConfig(settings, pipelines));
  return {
    process: processHandler(app),
    ...httpHandlers(app),
    maintain: maintainHandler(app),
    poison: poisonHandler(app),
  };
}
