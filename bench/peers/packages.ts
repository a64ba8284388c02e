import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Installs the rivals as the lock file pins them, unless they are there in the versions that it says. */
export function install(say: (text: string) => void): void {
  const { dependencies } = read('package.json') as { dependencies: Record<string, string> };
  const isThere = Object.entries(dependencies).every(([name, version]) => {
    const file = `node_modules/${name}/package.json`;
    return existsSync(`${folder}${file}`) && (read(file) as Version).version === version;
  });
  if (isThere) return;
  say('the rivals are not there: npm ci --prefix bench/peers');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    ...{ cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
  });
  if (status !== 0) {
    throw new Error('they could not be installed; it takes npm and its registry, or `--only`');
  }
}

/** The version of a package that is installed, here or for the whole project. */
export function versionOf(name: string): string {
  const here = `node_modules/${name}/package.json`;
  const { version } = read(existsSync(`${folder}${here}`) ? here : `../../${here}`) as Version;
  return version;
}

interface Version {
  readonly version: string;
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(`${folder}${file}`, 'utf8'));
}
