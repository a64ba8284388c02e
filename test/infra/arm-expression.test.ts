import { describe, expect, it } from 'vitest';
import { type Body, call, idOf, parameter, resource, templateOf } from '../../infra/azure/arm.ts';
import { evaluate, type TemplateJson } from '../../infra/azure/evaluate.ts';
import { isExpression, parseExpression } from '../../infra/azure/expression.ts';

/** A value as it comes out of a template that holds it. */
function computed(value: Body[string], parameters: Body = {}): unknown {
  const one = resource('A.B/c@1', 'one', { value });
  const template = templateOf({
    ...{ parameters, variables: {}, resources: [one], outputs: {} },
  });
  const json: TemplateJson = JSON.parse(JSON.stringify(template));
  return evaluate(json)[0]?.['value'];
}

describe('an expression of a template', () => {
  it('is parsed into calls, literals and members', () => {
    expect(parseExpression("f('it''s', -4, g()).a.b")).toEqual({
      kind: 'member',
      name: 'b',
      of: {
        kind: 'member',
        name: 'a',
        of: {
          kind: 'call',
          name: 'f',
          args: [
            { kind: 'literal', value: "it's" },
            { kind: 'literal', value: -4 },
            { kind: 'call', name: 'g', args: [] },
          ],
        },
      },
    });
  });

  it.each([
    "f('a'",
    "f('a'))",
    "f('a' 'b')",
    "f('a',)",
    'f',
    "f('a').",
    "f('a').4",
    '',
    "f('a'; 'b')",
    "f('a",
  ])('is refused where it is not well formed: %s', (text) => {
    expect(() => parseExpression(text)).toThrow(SyntaxError);
  });

  it('is told from a text that begins with a bracket', () => {
    expect(["[f('a')]", "[[f('a')]", '[x', 'x'].map(isExpression)).toEqual([
      ...[true, false, false, false],
    ]);
  });

  it('is computed as Azure does', () => {
    const format = call('format', '{1}-{0}', "it's", 4);
    expect(computed(format)).toBe("4-it's");
    expect(computed(call('concat', [1], [{ a: true }, null]))).toEqual([1, { a: true }, null]);
    expect(computed(call('if', call('greater', 2, 1), 'yes', call('reference', 'nobody')))).toBe(
      'yes',
    );
    expect(computed(call('take', call('uniqueString', 'a'), 4))).toMatch(/^[a-z0-9]{4}$/);
    expect(computed(call('guid', 'a', 'b'))).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(computed(parameter('p'), { p: { type: 'int', defaultValue: 7 } })).toBe(7);
  });

  it('is refused where it asks for what is not there', () => {
    expect(() => computed(parameter('p'))).toThrow("there is no parameter 'p'");
    expect(() => computed(call('variables', 'v'))).toThrow("there is no variable 'v'");
    expect(() => computed(call('fromat', '{0}'))).toThrow("there is no function 'fromat'");
    expect(() => computed(call('resourceGroup').get('size'))).toThrow("no member 'size'");
    expect(() => computed(call('resourceId', 'A.B/c/d', 'one'))).toThrow('A.B/c/d has 2 names');
  });
});

describe('a resource', () => {
  it('waits for what its name, its scope and its body name, and for nothing twice', () => {
    const a = resource('A.B/c@1', 'a', {});
    const b = resource('A.B/c/d@1', 'b', { first: idOf(a), again: [idOf(a)] }, { parent: a });
    const c = resource('A.B/e@1', 'c', { of: idOf(b) }, { scope: a });
    const template = templateOf({
      ...{ parameters: {}, variables: {}, resources: [a, b, c], outputs: {} },
    });
    const { resources }: TemplateJson = JSON.parse(JSON.stringify(template));
    expect(resources.map(({ name, dependsOn }) => [name, dependsOn])).toEqual([
      ['a', undefined],
      ["[format('{0}/{1}', 'a', 'b')]", ["[resourceId('A.B/c', 'a')]"]],
      ['c', ["[resourceId('A.B/c', 'a')]", "[resourceId('A.B/c/d', 'a', 'b')]"]],
    ]);
  });
});
