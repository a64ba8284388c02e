#!/usr/bin/env node
/** `npm run package:aws`: writes the package to `dist/`, as a folder and as an archive. */
import { join } from 'node:path';
import { writePackage } from '../archive.ts';
import { awsPackage, packageName } from './package.ts';

const root = join(import.meta.dirname, '../..');
const built = await awsPackage(root);
console.log(
  `${writePackage(built, join(root, 'dist'), packageName)}: ${built.archive.length} bytes`,
);
