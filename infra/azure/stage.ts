#!/usr/bin/env node
/** Writes the package to `dist/`, as a folder and as an archive: `npx node infra/azure/stage.ts`. */
import { join } from 'node:path';
import { writePackage } from '../archive.ts';
import { azurePackage, packageName } from './package.ts';

const root = join(import.meta.dirname, '../..');
const built = await azurePackage(root);
console.log(
  `${writePackage(built, join(root, 'dist'), packageName)}: ${built.archive.length} bytes`,
);
