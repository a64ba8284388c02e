import { readFileSync } from 'node:fs';
import { MillraceError } from '../core/errors.ts';
import type { Running } from '../local-app/main.ts';
import { type Progress, ProgressMeter, progressLine } from '../local-app/progress.ts';
import type { ServerOptions } from '../local-app/server.ts';
import { wholeNumber } from './whole-number.ts';

/** The options of every command that serves HTTP. */
export const servingOptions = {
  port: {
    type: 'string',
    placeholder: '<n>',
    default: '7400',
    description: 'The port to listen on; 0 takes a free one',
  },
  host: {
    type: 'string',
    placeholder: '<address>',
    default: '127.0.0.1',
    description: 'The address to listen on; any but loopback needs a token',
  },
  'token-file': {
    type: 'string',
    placeholder: '<file>',
    description: 'A file with the token that callers must send; or set MILLRACE_TOKEN',
  },
  json: { type: 'boolean', description: 'One JSON object per line about the progress' },
} as const;

/** What those options were given. */
export interface ServingValues {
  readonly port: string;
  readonly host: string;
  readonly 'token-file'?: string | undefined;
}

/**
 * Where to listen, and the token.
 *
 * @throws UsageError, MillraceError `request` when the token file can't be read.
 */
export function serverOptions(values: ServingValues): ServerOptions {
  const port = wholeNumber('--port', values.port, 65_535);
  const file = values['token-file'];
  const fromEnvironment = process.env['MILLRACE_TOKEN'] ?? null;
  return { host: values.host, port, token: file === undefined ? fromEnvironment : tokenIn(file) };
}

function tokenIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    const { message } = cause as Error;
    throw new MillraceError('request', `can't read the token: ${message}`, { cause });
  }
}

const repeatMs = 10_000;

/** Tells trouble on the standard error, the same one not more often than every ten seconds. */
export function troubleTeller(): (where: string, error: unknown) => void {
  const told = new Map<string, number>();
  return (where, error) => {
    const text = error instanceof MillraceError ? error.message : String((error as Error)?.stack);
    const line = where === 'http' || where === 'all' ? text : `partition ${where}: ${text}`;
    const now = performance.now();
    if (now - (told.get(line) ?? Number.NEGATIVE_INFINITY) < repeatMs) return;
    if (told.size > 100) told.clear();
    told.set(line, now);
    process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}millrace: ${line}\n`);
  };
}

const lookMs = 1_000;
const plainLineMs = 10_000;

/**
 * Shows how far it is: one line written over itself on a terminal, a line every ten seconds in a pipe, an object per
 * second with `--json`. Gives the function that ends it.
 */
export function showProgress(
  { app }: Running,
  json: boolean,
  more: () => object = () => ({}),
): () => void {
  const meter = new ProgressMeter(app);
  const { stdout } = process;
  let shownAt = Number.NEGATIVE_INFINITY;
  let looking = false;
  let first = true;
  const show = (progress: Progress): void => {
    const now = performance.now();
    if (json) stdout.write(`${JSON.stringify({ ...progress, ...more() })}\n`);
    else if (stdout.isTTY) {
      stdout.write(`\r${progressLine(progress).slice(0, stdout.columns - 1)}\x1b[K`);
    } else if (now - shownAt >= plainLineMs) {
      shownAt = now;
      stdout.write(`${progressLine(progress)}\n`);
    }
  };
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const progress = await meter.look();
      // The first look is what the rate of the second is reckoned from.
      if (!first) show(progress);
      first = false;
    } catch {
      // What can't be read now is told by the pump, and looked at again in a second.
    }
    looking = false;
  };
  const timer = setInterval(() => void look(), lookMs);
  void look();
  return () => {
    clearInterval(timer);
    looking = true;
    if (!json && stdout.isTTY) stdout.write('\n');
  };
}
