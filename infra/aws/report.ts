import type { Package } from '../archive.ts';
import { describePackage, table } from '../report.ts';
import type { Target } from './commands.ts';
import { evaluate, type TemplateJson } from './evaluate.ts';

/** What a deployment would make and upload, for people. */
export function describe(template: TemplateJson, target: Target, built: Package): string {
  const { stack, region } = target;
  const code = { codeBucket: '<codeBucket>', codeKey: '<codeKey>' };
  const parameters = { ...code, ...target.parameters };
  const resources = evaluate(template, { stack, parameters });
  const rows = resources
    .map(({ Type, id, Properties }) => [Type, textOf(Properties) ?? id] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const rights = resources
    .filter(({ Type }) => Type === 'AWS::IAM::Role')
    .flatMap(({ id, Properties }) => rightsOf(Properties).map((right) => [id, right] as const));
  return [
    `Resources in stack ${stack} (${region ?? 'the region in force'}): ${resources.length}`,
    table(rows),
    'Rights',
    table(rights),
    describePackage(built),
  ].join('\n');
}

function textOf(properties: Readonly<Record<string, unknown>>): string | undefined {
  const text = properties['AlarmDescription'] ?? properties['Description'];
  // That of a version is a list of what it depends on.
  return typeof text === 'string' && text.endsWith('.') ? text : undefined;
}

function rightsOf(properties: Readonly<Record<string, unknown>>): string[] {
  const policies = properties['Policies'] as readonly {
    readonly PolicyDocument: {
      readonly Statement: readonly { readonly Action: string[]; readonly Resource: string }[];
    };
  }[];
  const statements = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  return statements.map(({ Action, Resource }) => `${Action.join(', ')} on ${Resource}`);
}
