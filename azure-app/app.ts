import type { Pipeline } from '../core/pipeline.ts';
import { compose } from './composition.ts';
import { azureConfig } from './config.ts';
import { registerHttp } from './functions/http.ts';
import { registerMaintain } from './functions/maintain.ts';
import { registerPoison } from './functions/poison.ts';
import { registerProcess } from './functions/process.ts';

/**
 * Registers all functions of the app.
 *
 * @throws MillraceError `definition` with all that is wrong with the settings, before anything is registered.
 */
export function registerApp(
  settings: Readonly<Record<string, string | undefined>>,
  pipelines: readonly Pipeline[],
): void {
  const started = compose(azureConfig(settings, pipelines));
  // Each invocation awaits it and fails with its error; this keeps it from ending the worker before.
  started.catch(() => {});
  registerProcess(started);
  registerHttp(started);
  registerMaintain(started);
  registerPoison(started);
}
