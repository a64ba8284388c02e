#!/usr/bin/env node
const nodeMajorMin = 24;
const major = Number(process.versions.node.split('.')[0]);
if (major < nodeMajorMin) {
  // An older Node that can read this file at all lacks what the rest needs, so nothing of it is loaded.
  console.error(
    `Millrace needs Node ${nodeMajorMin} and this is ${process.versions.node}. ` +
      'Run it as `npx millrace`, which brings its own, or install a newer Node.',
  );
  process.exitCode = 1;
} else {
  const { enableCompileCache } = await import('node:module');
  // What the types are stripped from is kept for the next start, which takes half the time then.
  enableCompileCache();
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
}

// What stands at the top level makes this file a module.
export {};
