import type { Package } from '../archive.ts';
import { describePackage, table } from '../report.ts';
import type { Target } from './commands.ts';
import { evaluate, somewhere, type TemplateJson } from './evaluate.ts';

/** What a deployment would make and upload, for people. Names end in a hash that only Azure can tell. */
export function describe(template: TemplateJson, target: Target, built: Package): string {
  const { group, location, parameters } = target;
  const place = { ...somewhere, group, location };
  const resources = evaluate(template, parameters, place).filter(({ made }) => made);
  const rows = resources
    .map(({ type, name, properties }) => [type, textOf(properties, 'description') ?? name])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return [
    `Resources in ${group} (${location}): ${resources.length}`,
    table(rows),
    describePackage(built),
  ].join('\n');
}

function textOf(value: unknown, name: string): string | undefined {
  const member = (value as Record<string, unknown> | undefined)?.[name];
  return typeof member === 'string' ? member : undefined;
}
