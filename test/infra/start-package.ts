import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The module that the host's worker hands to an app under the name `@azure/functions-core`, as source. It prints what
 * is registered, one JSON object per line, and calls nothing.
 */
const functionsCore = `
let model;
exports.version = '3.9.1';
exports.hostVersion = '4.0.0.0';
exports.Disposable = class { dispose() {} };
exports.log = () => {};
exports.registerHook = () => new exports.Disposable();
exports.setProgrammingModel = (given) => { model = given; };
exports.getProgrammingModel = () => model;
exports.registerFunction = ({ name, bindings }) => {
  console.log(JSON.stringify({ name, trigger: Object.values(bindings)[0] }));
  return new exports.Disposable();
};
`;

/** A function as it is registered with the host. */
export interface Registered {
  readonly name: string;
  readonly trigger: Readonly<Record<string, string | undefined>>;
}

/**
 * Starts a staged package as the worker does, with these settings and nothing around but the module that the worker
 * hands out; gives what it registers, and what it prints as errors.
 */
export function startPackage(
  staged: string,
  settings: Readonly<Record<string, string>>,
): { readonly registered: Registered[]; readonly errors: string } {
  const place = join(staged, 'node_modules/@azure/functions-core');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'index.js'), functionsCore);
  const { main } = JSON.parse(readFileSync(join(staged, 'package.json'), 'utf8'));
  const { stdout, stderr } = spawnSync(process.execPath, [main], {
    cwd: staged,
    encoding: 'utf8',
    env: { ...settings },
  });
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { registered: lines.map((line) => JSON.parse(line)), errors: stderr };
}
