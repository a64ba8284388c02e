import type { Pipeline } from '../../core/pipeline.ts';
import type { Environment } from '../environment.ts';
import { type SinkConfig, sinkConfig, sinkSetting } from './sink-config.ts';

/** The sinks that pipelines want, each from its own setting; one that is missing is a problem of the settings. */
export function sinkSettings(
  environment: Environment,
  pipelines: readonly Pipeline[],
): Readonly<Record<string, SinkConfig>> {
  const views = pipelines.flatMap(({ plan }) => plan.views);
  const names = new Set(views.flatMap(({ publish }) => (publish === null ? [] : [publish.to])));
  const sinks: Record<string, SinkConfig> = {};
  for (const name of names) {
    const setting = sinkSetting(name);
    const text = environment.optional(setting);
    if (text === null) {
      environment.problem(`${setting} must be set: a pipeline publishes a view to '${name}'`);
      continue;
    }
    const secret = environment.optional(`${setting}_SECRET`);
    const sink = sinkConfig(name, text, secret, (problem) => environment.problem(problem));
    if (sink !== null) sinks[name] = sink;
  }
  return sinks;
}
