import { createHash } from 'node:crypto';
import type { Target } from './commands.ts';
import { evaluate, somewhere, type TemplateJson } from './evaluate.ts';
import type { AzurePackage } from './package.ts';

/** What a deployment would make and upload, for people. Names end in a hash that only Azure can tell. */
export function describe(template: TemplateJson, target: Target, built: AzurePackage): string {
  const { group, location, parameters } = target;
  const place = { ...somewhere, group, location };
  const resources = evaluate(template, parameters, place).filter(({ made }) => made);
  const rows = resources
    .map(({ type, name, properties }) => [type, textOf(properties, 'description') ?? name])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const { files, archive, bundle } = built;
  const hash = createHash('sha256').update(archive).digest('hex');
  const own = bundle.parts.map(([name, bytes]) => [name || 'Millrace', size(bytes)]).slice(0, 8);
  return [
    `Resources in ${group} (${location}): ${resources.length}`,
    table(rows),
    `Package: ${size(archive.length)} zipped, SHA-256 ${hash}`,
    table(files.map(({ path, bytes }) => [path, size(bytes.length)])),
    'The bundle, by where it comes from',
    table(own),
    '',
  ].join('\n');
}

function textOf(value: unknown, name: string): string | undefined {
  const member = (value as Record<string, unknown> | undefined)?.[name];
  return typeof member === 'string' ? member : undefined;
}

function table(rows: readonly (readonly (string | undefined)[])[]): string {
  const width = Math.max(...rows.map(([first = '']) => first.length));
  return rows.map(([first = '', second]) => `  ${first.padEnd(width)}  ${second}`).join('\n');
}

function size(bytes: number): string {
  return bytes < 10_000 ? `${bytes} B` : `${Math.round(bytes / 1_000)} kB`;
}
