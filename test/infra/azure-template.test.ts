import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../infra/azure/check.ts';
import { evaluate, type TemplateJson } from '../../infra/azure/evaluate.ts';
import { templatePath, templateText } from '../../infra/azure/template.ts';

const template: TemplateJson = JSON.parse(templateText());

/** Each way through the conditions of the template at least once. */
const variants: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'the defaults': {},
  'the cheapest': { stateStore: 'blob', throughputUnitsMax: 0, instanceMemoryMB: 512 },
  'a large one': {
    ...{ cosmosAutoscaleMax: 20_000, partitions: 32, throughputUnits: 20, throughputUnitsMax: 40 },
    ...{ alwaysReadyProcess: 4, alwaysReadyHttp: 1, keptDays: 90, name: 'clickrates' },
    ...{ alertEmail: 'ops@a.example', logGigabytesPerDayMax: -1, vaultCreateMode: 'recover' },
  },
  'alerts to a group that is there': {
    actionGroupId: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/actionGroups/a',
  },
};

/** The template with one value put somewhere in the first resource of a type, by a path of members. */
function changed(type: string, path: string, value: unknown): TemplateJson {
  const copy = structuredClone(template);
  let at = copy.resources.find((one) => one.type === type) as Record<string, unknown>;
  const members = path.split('.');
  for (const member of members.slice(0, -1)) at = at[member] as Record<string, unknown>;
  at[members.at(-1)!] = value;
  return copy;
}

describe('the template for Azure', () => {
  it('is kept as template.json, as it is generated', () => {
    expect(readFileSync(templatePath, 'utf8'), 'run: npx node infra/azure/template.ts').toBe(
      templateText(),
    );
  });

  it.each(Object.entries(variants))('has no problem with %s', (_, given) => {
    expect(problemsOf(template, given)).toEqual([]);
  });

  it('makes what the variants need, and not what they don’t', () => {
    const made = (given: Readonly<Record<string, unknown>>) =>
      evaluate(template, given).filter((one) => one.made);
    const types = (given: Readonly<Record<string, unknown>>) =>
      new Set(made(given).map(({ type }) => type));
    expect(types(variants['the defaults']!)).toContain('Microsoft.DocumentDB/databaseAccounts');
    expect([...types(variants['the cheapest']!)].join()).not.toContain('DocumentDB');
    expect(types(variants['a large one']!)).toContain('Microsoft.Insights/actionGroups');
    expect(types(variants['the defaults']!)).not.toContain('Microsoft.Insights/actionGroups');
    const cosmosAlert = made(variants['the cheapest']!).find(({ name }) => /state-thr/.test(name));
    expect(cosmosAlert).toBeUndefined();
  });

  it('lets the namespace grow by itself only beyond where it begins', () => {
    const grown = (throughputUnits: number, throughputUnitsMax: number) => {
      const all = evaluate(template, { throughputUnits, throughputUnitsMax });
      const { properties } = all.find(({ type }) => type === 'Microsoft.EventHub/namespaces')!;
      const { isAutoInflateEnabled, maximumThroughputUnits } = properties as Record<
        string,
        unknown
      >;
      return [isAutoInflateEnabled, maximumThroughputUnits];
    };
    expect([grown(1, 4), grown(4, 4), grown(2, 0)]).toEqual([
      [true, 4],
      [false, 0],
      [false, 0],
    ]);
  });
});

describe('the check of a template finds', () => {
  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['a parameter that does not exist', { partition: 4 }, "no parameter 'partition'"],
    ['one of another type', { partitions: '4' }, 'must be of type int'],
    ['one that is not whole', { partitions: 4.5 }, 'must be a whole number'],
    ['one that is no number', { partitions: Number.NaN }, 'must be a whole number'],
    ['one out of its bounds', { partitions: 33 }, 'must be from 1 to 32'],
    ['one that is not allowed', { stateStore: 'table' }, 'must be one of cosmos, blob'],
    ['a name that is too long', { name: 'millraceten' }, 'must be from 3 to 10'],
  ])('%s', (_, given, problem) => {
    const problems = problemsOf(template, given);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it.each<[what: string, type: string, path: string, value: unknown, problem: RegExp]>([
    [
      'a member that the type does not have',
      ...['Microsoft.KeyVault/vaults', 'properties.enablePurgeProtectoin', true],
      /^Microsoft.KeyVault\/vaults .*additional/m,
    ],
    [
      'a value that the type does not take',
      ...['Microsoft.Web/sites', 'properties.functionAppConfig.runtime.name', 'nodejs'],
      /runtime\/name must be equal to one of the allowed values/,
    ],
    [
      'a member that is missing',
      ...['Microsoft.Storage/storageAccounts', 'sku', undefined],
      /^Microsoft.Storage\/storageAccounts .*sku/m,
    ],
    [
      'a name of the wrong form',
      ...['Microsoft.DocumentDB/databaseAccounts', 'name', "[concat('Upper', 'Case')]"],
      /UpperCase: \/name must match pattern/,
    ],
    [
      'a type at a version that has no schema',
      ...['Microsoft.KeyVault/vaults', 'apiVersion', '2020-01-01'],
      /^Microsoft.KeyVault\/vaults@2020-01-01: no schema/m,
    ],
    [
      'an expression that does not parse',
      ...['Microsoft.KeyVault/vaults', 'name', "[variables('globalName']"],
      /\) wanted at piece 4/,
    ],
    [
      'a name with too few parts',
      ...['Microsoft.EventHub/namespaces/eventhubs', 'name', 'events'],
      /has 2 names, not 1: events/,
    ],
    [
      'what is waited for and not there',
      ...['Microsoft.KeyVault/vaults', 'dependsOn', ["[resourceId('A.B/c', 'nobody')]"]],
      /waits for \S+\/c\/nobody, which is not there/,
    ],
    [
      'what is named and not there',
      ...['Microsoft.Web/sites', 'properties.serverFarmId', "[resourceId('A.B/c', 'other')]"],
      /sites\/\S+ names \S+\/c\/other, which is not there/,
    ],
    [
      'what is named and not made',
      ...['Microsoft.OperationalInsights/workspaces', 'condition', '[false()]'],
      /names .*workspaces\/millrace-logs, which is not made/,
    ],
    [
      'what is used and not waited for',
      ...['Microsoft.Web/sites', 'dependsOn', []],
      /sites\/\S+ names \S+ and does not wait for it/,
    ],
    [
      'what waits for itself',
      'Microsoft.ManagedIdentity/userAssignedIdentities',
      ...['dependsOn', ["[resourceId('Microsoft.Web/sites', variables('globalName'))]"]],
      /userAssignedIdentities\/millrace-identity waits for itself/,
    ],
  ] as never)('%s', (_, type, path, value, problem) => {
    expect(problemsOf(changed(type, path, value)).join('\n')).toMatch(problem);
  });

  it('two resources of one name', () => {
    const twice = { ...template, resources: [...template.resources, template.resources[0]!] };
    expect(problemsOf(twice)).toEqual(['two resources have one id']);
  });
});
