#!/usr/bin/env node
/** `npm run azure:build`: bundles the app to where package.json says its functions are, for `func start`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundle } from '../bundle.ts';

const root = join(import.meta.dirname, '../..');
const { main }: { readonly main: string } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
const { bytes } = await bundle({
  entry: join(root, 'azure-app/main.ts'),
  external: ['@azure/functions-core'],
});
const path = join(root, main);
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, bytes);
console.log(`${main}: ${bytes.length} bytes`);
