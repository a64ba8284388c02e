#!/usr/bin/env node
/** `npm run aws:build`: bundles the app to `dist/aws-app/main.mjs`, for hosts that load it as Lambda does. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { awsPackage } from './package.ts';

const root = join(import.meta.dirname, '../..');
const { files } = await awsPackage(root);
for (const { path, bytes } of files) {
  const target = join('dist/aws-app', path);
  mkdirSync(dirname(join(root, target)), { recursive: true });
  writeFileSync(join(root, target), bytes);
  console.log(`${target}: ${bytes.length} bytes`);
}
