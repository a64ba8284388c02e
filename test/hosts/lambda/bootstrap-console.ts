import { format } from 'node:util';

const levels = {
  log: 'INFO',
  info: 'INFO',
  debug: 'DEBUG',
  trace: 'TRACE',
  warn: 'WARN',
  error: 'ERROR',
} as const;

let requestIdNow: () => string | null = () => null;

/** Makes the console write lines as the managed runtime does: the time, the request, the level, the text. */
export function patchConsole(requestId: () => string | null): void {
  requestIdNow = requestId;
  for (const [method, level] of Object.entries(levels)) {
    console[method as keyof typeof levels] = (...values: unknown[]) => logAs(level, ...values);
  }
}

/** Writes one line. A line break within it becomes a carriage return, so that one entry stays one line. */
export function logAs(level: string, ...values: unknown[]): void {
  const text = format(...values).replaceAll('\n', '\r');
  const fields = [new Date().toISOString(), requestIdNow() ?? 'undefined', level, text];
  process.stdout.write(`${fields.join('\t')}\n`);
}
