#!/usr/bin/env node
/**
 * Writes `schemas/` anew from the types that the npm package `@azure/mcp` (MIT) holds and prints offline:
 *
 *     npm install --prefix <a folder outside this repository> @azure/mcp@2.0.5
 *     npx node infra/azure/refresh-schemas.ts <that folder>/node_modules/.bin/azmcp
 *
 * The package lacks the types of alerts and diagnostic settings; those four schemas are written by hand and stay.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type BicepType, jsonSchemaOf } from './bicep-types.ts';
import type { TemplateJson } from './evaluate.ts';
import { schemaPath } from './schemas.ts';
import { templateText } from './template.ts';

const [azmcp] = process.argv.slice(2);
if (azmcp === undefined) throw new Error('name the azmcp to ask');
const version = execFileSync(azmcp, ['--version'], { encoding: 'utf8' }).replace(/\+.*\s*/, '');
const template: TemplateJson = JSON.parse(templateText());
const types = new Set(template.resources.map(({ type, apiVersion }) => `${type}@${apiVersion}`));
for (const typeAtVersion of [...types].sort()) {
  const [type = '', apiVersion = ''] = typeAtVersion.split('@');
  const path = schemaPath(type, apiVersion);
  if (existsSync(path) && readFileSync(path, 'utf8').includes('Written by hand')) continue;
  const args = ['bicepschema', 'get', '--resource-type', type];
  const printed: { results: { BicepSchemaResult: BicepType[] } } = JSON.parse(
    execFileSync(azmcp, args, { encoding: 'utf8', maxBuffer: 2 ** 26, stdio: 'pipe' }),
  );
  const schema = {
    $comment: `From the types in @azure/mcp ${version} (MIT), by refresh-schemas.ts.`,
    ...jsonSchemaOf(printed.results.BicepSchemaResult, typeAtVersion),
  };
  writeFileSync(path, `${JSON.stringify(schema)}\n`);
  console.log(typeAtVersion);
}
