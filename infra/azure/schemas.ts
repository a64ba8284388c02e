import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Compile, type XSchema } from 'typebox/schema';
import type { Evaluated } from './evaluate.ts';

const folder = join(import.meta.dirname, 'schemas');

/** The file of the schema of a resource type at a version. */
export function schemaPath(type: string, apiVersion: string): string {
  return join(folder, `${type.replaceAll('/', '.')}@${apiVersion}.json`);
}

const compiled = new Map<string, ReturnType<typeof Compile>>();

/** What a resource has that its type at its version does not allow; a type without a schema is a problem too. */
export function schemaProblems(resource: Evaluated): string[] {
  const path = schemaPath(resource.type, resource.apiVersion);
  if (!existsSync(path)) {
    return [
      `${resource.type}@${resource.apiVersion}: no schema; see infra/azure/refresh-schemas.ts`,
    ];
  }
  let validator = compiled.get(path);
  if (validator === undefined) {
    const schema: XSchema = JSON.parse(readFileSync(path, 'utf8'));
    validator = Compile(schema);
    compiled.set(path, validator);
  }
  // A schema speaks of the last part of the name, and of what is sent to the resource's own provider.
  const { id: _, made: _1, asks: _2, dependsOn: _3, scope: _4, ...body } = resource;
  const value = { ...body, name: resource.name.split('/').at(-1) };
  if (validator.Check(value)) return [];
  const [, errors] = validator.Errors(value);
  return errors.map(
    ({ instancePath, message }) => `${resource.type} ${resource.name}: ${instancePath} ${message}`,
  );
}
