#!/usr/bin/env node
/** `npm run deploy:azure -- [--dry-run] [--resource-group <name>] [--location <region>] [--subscription <id>] [--set <name>=<value>]…` */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { UsageError } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { runScript } from '../../cli/script.ts';
import { MillraceError } from '../../core/errors.ts';
import { writePackage } from '../archive.ts';
import { pairsOf, run, shown } from '../command.ts';
import { problemsOf } from './check.ts';
import { azureCli, deployPackage, deployTemplate, type Target } from './commands.ts';
import type { TemplateJson } from './evaluate.ts';
import { azurePackage, packageName } from './package.ts';
import { describe } from './report.ts';
import { templatePath } from './template.ts';

const root = join(import.meta.dirname, '../..');
/** What the app registers: fewer found after a deployment means that the package did not load. */
const functionCount = 5;

const command = defineCommand({
  name: 'deploy:azure',
  summary: 'Deploy the app to Azure',
  usage: 'deploy:azure -- [options]',
  options: {
    'dry-run': { type: 'boolean', description: 'Shows what would be done, and does nothing' },
    'resource-group': {
      ...{ type: 'string', placeholder: '<name>', default: 'millrace' },
      description: 'The resource group, made if it is not there',
    },
    location: {
      ...{ type: 'string', placeholder: '<region>', default: 'westeurope' },
      description: 'The region of the resource group',
    },
    subscription: {
      ...{ type: 'string', placeholder: '<id>' },
      description: 'The subscription; by default the one that az is set to',
    },
    set: {
      ...{ type: 'string', placeholder: '<name=value>', multiple: true },
      description: 'A parameter of the template: docs/deploy-azure.md lists them',
    },
  },
  async run(values) {
    const template: TemplateJson = JSON.parse(readFileSync(templatePath, 'utf8'));
    const target: Target = {
      group: values['resource-group'],
      location: values.location,
      subscription: values.subscription ?? null,
      parameters: parametersOf(values.set ?? [], template),
    };
    const problems = problemsOf(template, target.parameters);
    if (problems.length > 0) {
      throw new MillraceError('definition', problems.join('\n'), { problems });
    }
    const built = await azurePackage(root);
    const archive = relative(process.cwd(), writePackage(built, join(root, 'dist'), packageName));
    const templateFile = relative(process.cwd(), templatePath);
    if (!values['dry-run']) {
      deploy(target, templateFile, archive);
      return 0;
    }
    console.log(describe(template, target, built));
    const app = '<functionApp of the outputs>';
    const commands = [
      ...deployTemplate(target, templateFile),
      ...deployPackage(target, app, archive),
    ];
    for (const one of commands) console.log(`# ${one.why}\n${shown(azureCli, one)}`);
    return 0;
  },
});

function deploy(target: Target, templateFile: string, archive: string): void {
  let answer: unknown;
  for (const command of deployTemplate(target, templateFile)) answer = run(azureCli, command);
  const outputs = answer as Record<string, { readonly value: string }>;
  const app = outputs['functionApp']?.value;
  if (app === undefined)
    throw new MillraceError('missing', 'The deployment gave no name of an app.');
  for (const command of deployPackage(target, app, archive)) answer = run(azureCli, command);
  const found = answer as readonly string[];
  if (found.length < functionCount) {
    const names = found.join(', ') || 'none';
    throw new MillraceError(
      'missing',
      `The host has found ${found.length} of ${functionCount} functions (${names}). ` +
        'It may need a minute: run the last command again. If none come, see the logs of the app.',
    );
  }
  for (const [name, { value }] of Object.entries(outputs)) console.log(`${name}: ${value}`);
}

function parametersOf(given: readonly string[], template: TemplateJson): Record<string, unknown> {
  return Object.fromEntries(
    pairsOf(given).map(([name, value]) => {
      const type = template.parameters[name]?.type;
      if (type === 'object') throw new UsageError(`--set ${name}: only texts and numbers`);
      return [name, type === 'int' && /^-?\d+$/.test(value) ? Number(value) : value];
    }),
  );
}

await runScript(command);
