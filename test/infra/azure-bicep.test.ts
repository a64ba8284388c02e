import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TemplateJson } from '../../infra/azure/evaluate.ts';
import { templateText } from '../../infra/azure/template.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const template: TemplateJson = JSON.parse(templateText());
const bicep = read('infra/azure/main.bicep');
const azd = read('azure.yaml');

/** Names at the start of lines of a block in braces, such as `params: { … }`. */
function namesIn(block: string): string[] {
  const [, body = ''] = new RegExp(`\\b${block}: \\{([^}]*)\\}`).exec(bicep) ?? [];
  return [...body.matchAll(/^ +(\w+):/gm)].map(([, name = '']) => name);
}

/**
 * No registry that we use has the Bicep compiler, so main.bicep is not compiled here. It is kept so small that its few
 * references can be checked one by one; docs/deploy-azure.md says so too.
 */
describe('what the Azure Developer CLI reads', () => {
  it('is a module over the template, with parameters and outputs that the template has', () => {
    const [, module = ''] = /^module millrace '([^']+)'/m.exec(bicep) ?? [];
    expect(existsSync(join(root, 'infra/azure', module))).toBe(true);
    expect(namesIn('params').length).toBeGreaterThan(0);
    expect(Object.keys(template.parameters)).toEqual(expect.arrayContaining(namesIn('params')));
    const outputs = [...bicep.matchAll(/millrace\.outputs\.(\w+)/g)].map(([, name]) => name);
    expect(outputs.length).toBeGreaterThan(0);
    expect(Object.keys(template.outputs)).toEqual(expect.arrayContaining(outputs));
  });

  it('gives the module nothing but what the file declares', () => {
    const declared = [...bicep.matchAll(/^(?:param|var) (\w+)/gm)].map(([, name]) => name);
    const [, params = ''] = /\bparams: \{([^}]*)\}/.exec(bicep) ?? [];
    const given = [...params.matchAll(/: (\w+)$/gm)].map(([, name]) => name);
    expect(given).toHaveLength(namesIn('params').length);
    expect(declared).toEqual(expect.arrayContaining(given));
  });

  it('sets each parameter that has no default, and no others than there are', () => {
    const declared = [...bicep.matchAll(/^param (\w+) \w+( =)?/gm)];
    const set = Object.keys(JSON.parse(read('infra/azure/main.parameters.json')).parameters);
    const all = declared.map(([, name]) => name);
    const needed = declared.filter(([, , hasDefault]) => !hasDefault).map(([, name]) => name);
    expect(all).toEqual(expect.arrayContaining(set));
    expect(set).toEqual(expect.arrayContaining(needed));
  });

  it('finds the app by its tag, and the package where it is staged', () => {
    const [, service] = /^services:\n {2}(\w+):/m.exec(azd) ?? [];
    expect(templateText()).toContain(`'azd-service-name', '${service}'`);
    const [, path = '', module = ''] = /^ {2}path: (\S+)\n {2}module: (\S+)/m.exec(azd) ?? [];
    expect(existsSync(join(root, path, `${module}.bicep`))).toBe(true);
    const [, script = ''] = /run: npx node (\S+)/.exec(azd) ?? [];
    expect(existsSync(join(root, script))).toBe(true);
    const [, staged = ''] = /^ {4}dist: (\S+)/m.exec(azd) ?? [];
    expect(read(script)).toContain(`'${dirname(staged)}'`);
  });
});
