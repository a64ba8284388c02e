import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

const azureMain = `import { app } from '@azure/functions';
import rhea from 'rhea';
class Named {}
const handler = async () => ({ jsonBody: typeof rhea.create_container });
app.http(Named.name, { methods: ['GET'], authLevel: 'function', handler });
`;

const awsMain = `import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
class Named {}
export const process = async () => [Named.name, new DynamoDBClient({ region: 'r' }).config.serviceId];
`;

/** A small app for Azure in a folder of its own, with the packages and scripts of this repository, and a secret beside it. */
export function smallApp(folder: string): string {
  writeApp(folder, 'azure-app', azureMain);
  writeFileSync(join(folder, 'host.json'), '{ "version": "2.0" }');
  return folder;
}

/** The like of it for AWS. */
export function smallAwsApp(folder: string): string {
  writeApp(folder, 'aws-app', awsMain);
  return folder;
}

function writeApp(folder: string, app: string, main: string): void {
  mkdirSync(join(folder, app), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const part of ['cli', 'core', 'infra']) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  writeFileSync(join(folder, '.env'), 'PASSWORD=geheim');
  writeFileSync(join(folder, app, 'main.ts'), main);
}
