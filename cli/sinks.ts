import { type SinkConfig, sinkConfig, sinkSetting } from '../adapters/sinks/sink-config.ts';
import { UsageError } from './arguments.ts';

/** The option that says where views are published. */
export const sinkOption = {
  type: 'string',
  placeholder: '<name>=<place>',
  multiple: true,
  description: 'Where views publish to: queue:<name>, stream:<dir> or webhook:<address>',
} as const;

/**
 * The sinks that were given. The secret of a webhook comes from the environment: other users of the machine see what
 * a command was called with.
 *
 * @throws UsageError
 */
export function sinksGiven(
  given: readonly string[] = [],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<Record<string, SinkConfig>> {
  const sinks: Record<string, SinkConfig> = {};
  for (const text of given) {
    const [, name = '', place = ''] = /^([a-z][a-z0-9-]{0,31})=(.*)$/.exec(text) ?? [];
    if (name === '') throw new UsageError('--sink is <name>=<place>: results=queue:results');
    if (name in sinks) throw new UsageError(`--sink ${name} is given twice`);
    const secret = environment[`${sinkSetting(name)}_SECRET`] ?? null;
    const sink = sinkConfig(name, place, secret, (problem) => {
      throw new UsageError(problem);
    });
    if (sink !== null) sinks[name] = sink;
  }
  return sinks;
}
