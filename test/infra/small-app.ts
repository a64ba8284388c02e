import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

const main = `import { app } from '@azure/functions';
import rhea from 'rhea';
class Named {}
const handler = async () => ({ jsonBody: typeof rhea.create_container });
app.http(Named.name, { methods: ['GET'], authLevel: 'function', handler });
`;

/** A small app in a folder of its own, with the packages and scripts of this repository, and a secret beside it. */
export function smallApp(folder: string): string {
  mkdirSync(join(folder, 'azure-app'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const part of ['cli', 'core', 'infra']) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  writeFileSync(join(folder, '.env'), 'PASSWORD=geheim');
  writeFileSync(join(folder, 'host.json'), '{ "version": "2.0" }');
  writeFileSync(join(folder, 'azure-app/main.ts'), main);
  return folder;
}
