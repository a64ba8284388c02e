import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { helpOf } from '../../cli/help.ts';
import { nearest } from '../../cli/nearest.ts';
import { commands } from '../../cli/table-of-commands.ts';
import { millrace } from './millrace.ts';

describe('the help', () => {
  it('of the whole lists every command', async () => {
    const { code, stdout, stderr } = await millrace(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { name, summary } of commands) {
      expect(stdout).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'));
    }
  });

  it.each(commands)('of $name tells its usage and all of its options', async (listed) => {
    const { command } = await listed.load();
    expect(command).toMatchObject({ name: listed.name, summary: listed.summary });
    const { code, stdout } = await millrace([listed.name, '--help']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: helpOf(command) });
    expect(command.usage.startsWith(listed.name)).toBe(true);
    for (const option of Object.keys(command.options)) expect(stdout).toContain(`--${option}`);
    expect(Object.keys(command.options)).toContain('json');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThan(120);
  });

  it('is printed with exit code 2 when there is no command', async () => {
    const [none, some] = await Promise.all([millrace([]), millrace(['-h'])]);
    expect(none).toEqual({ ...some, code: 2 });
  });

  it('knows the version of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect((await millrace(['--version'])).stdout).toBe(`${version}\n`);
  });
});

const lateFrom = "--from: 'x' is no RFC 3339 time such as 2001-01-01T00:00:00Z";

describe('a mistake in the arguments', () => {
  it.each([
    [['rnu'], 'there is no command rnu; did you mean run?'],
    [['--hepl'], 'there is no option --hepl; did you mean --help?'],
    [['frobnicate'], 'there is no command frobnicate'],
    [['run', '--pipelin', 'x.ts'], 'run has no option --pipelin; did you mean --pipeline?'],
    [['run', '--pipeline', 'x.ts'], '--input <file|-> is missing'],
    [['query'], 'too few arguments; it is: millrace query <view> [options]'],
    [['query', 'a', 'b'], "'b' is one argument too many"],
    [['query', 'a', '--key', 'origin'], '--key origin is not like origin=SFO'],
    [['journal', '0', '--from', 'x'], '--from must be a whole number, not x'],
    [
      ['dead-letters', 'show'],
      'it is: millrace dead-letters list, or dead-letters show <n or ref>',
    ],
    [['late', 'list', '--from', 'x'], lateFrom],
  ])('%j is told in a sentence, with exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await millrace(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const command = commands.find(({ name }) => name === args[0])?.name;
    const help = command === undefined ? '' : `${command} `;
    expect(stderr).toBe(`millrace: ${message}\nTry: millrace ${help}--help\n`);
  });

  it('is one line of JSON where JSON is asked for', async () => {
    const { stderr } = await millrace(['query', '--json']);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'usage' } });
  });
});

describe('nearest', () => {
  it('finds what was meant, and nothing where nothing is near', () => {
    const names = ['start', 'serve', 'run', 'query', 'status'];
    expect(
      ['strat', 'server', 'quer', 'stat', 'x', ''].map((name) => nearest(name, names)),
    ).toEqual(['start', 'serve', 'query', 'status', null, null]);
  });
});
