import { UsageError } from '../../cli/arguments.ts';
import { wholeNumber } from '../../cli/whole-number.ts';
import { parseDuration } from '../../core/duration.ts';
import { checkFree } from './free-port.ts';

/** The options that the demo of every cloud has. */
export const demoOptions = {
  port: {
    type: 'string',
    placeholder: '<n>',
    description: 'The port of the API on 127.0.0.1; 0 takes a free one',
  },
  pace: {
    type: 'string',
    placeholder: '<duration>',
    default: '1h',
    description: 'How much of 2001 passes in a second; none sends nothing',
  },
} as const;

/** What the options say. */
export interface DemoSettings {
  readonly port: number;
  /** How much of 2001 passes in a second, milliseconds; null for no traffic. */
  readonly paceMs: number | null;
}

/** @throws UsageError for a value that is none. */
export function demoSettings(values: {
  readonly port: string;
  readonly pace: string;
}): DemoSettings {
  return { port: wholeNumber('--port', values.port, 65_535), paceMs: paceOf(values.pace) };
}

/**
 * Looks whether the port of the API is free.
 *
 * @throws MillraceError `unavailable`, with what to do.
 */
export async function checkDemoPort({ port }: DemoSettings): Promise<void> {
  const advice = 'choose another with --port, or a free one with --port 0';
  if (port > 0) await checkFree(port, `: ${advice}`);
}

/** What a demo asks for first, as commands for a shell; `before` is what stands before each address. */
export function demoQueries(url: string, before = ''): string {
  const range = 'from=2001-01-01&to=2001-01-08';
  return `  curl ${before}'${url}/v1/views/byOrigin?${range}&order=-flights&limit=5'
  curl ${before}'${url}/v1/status'

All of it is in memory: Ctrl-C ends and forgets it.
`;
}

function paceOf(text: string): number | null {
  if (text === 'none') return null;
  const paceMs = parseDuration(text);
  if (paceMs) return paceMs;
  throw new UsageError(`--pace must be none or a length of time such as 1h, not ${text}`);
}
