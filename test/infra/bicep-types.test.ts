import { Compile } from 'typebox/schema';
import { describe, expect, it } from 'vitest';
import { type BicepType, jsonSchemaOf } from '../../infra/azure/bicep-types.ts';

const types: BicepType[] = [
  {
    $type: 'Resource',
    name: 'A.B/c@2024-01-01',
    bodyType: {
      $type: 'Object',
      name: 'A.B/c',
      properties: [
        { name: 'id', type: 'string', flags: 'ReadOnly, DeployTimeConstant' },
        {
          name: 'name',
          type: 'string',
          flags: 'Required',
          modifiers: 'minLength: 2, maxLength: 4, pattern: ^[a-z]{1,4}$',
        },
        { name: 'tags', type: 'Tags' },
        { name: 'state', type: 'On | Off | string' },
        { name: 'size', type: 'int', modifiers: 'minValue: -1' },
        { name: 'parts', type: 'Part[]' },
        { name: 'policy', type: 'Policy' },
      ],
    },
  },
  { $type: 'Object', name: 'Tags', properties: [], additionalPropertiesType: 'string' },
  {
    $type: 'Object',
    name: 'Part',
    properties: [{ name: 'parts', type: 'Part[]' }],
  },
  {
    $type: 'DiscriminatedObject',
    name: 'Policy',
    baseProperties: [{ name: 'days', type: 'int' }],
    elements: [
      { $type: 'Object', name: 'X', properties: [{ name: 'kind', type: 'X', flags: 'Required' }] },
      { $type: 'Object', name: 'Y', properties: [{ name: 'kind', type: 'Y', flags: 'Required' }] },
    ],
  },
];
const validator = Compile(jsonSchemaOf(types, 'A.B/c@2024-01-01'));
const body = { type: 'A.B/c', apiVersion: '2024-01-01', name: 'abc' };

describe('the JSON Schema of a resource type', () => {
  it.each<object>([
    {},
    { tags: { a: 'b' } },
    { state: 'Off', size: -1 },
    { parts: [{ parts: [{}] }] },
    { policy: { kind: 'X', days: 3 } },
  ])('takes what the type allows: %j', (more) => {
    expect(validator.Check({ ...body, ...more })).toBe(true);
  });

  it.each<object>([
    { name: undefined },
    { name: 'a' },
    { name: 'abcde' },
    { name: 'AB' },
    { type: 'A.B/d' },
    { apiVersion: '2023-01-01' },
    { id: 'read-only' },
    { colour: 'unknown' },
    { tags: { a: 1 } },
    { state: 'Onn' },
    { size: -2 },
    { size: 1.5 },
    { parts: {} },
    { parts: [{ parts: [{ name: 'x' }] }] },
    { policy: { days: 3 } },
    { policy: { kind: 'Z' } },
    { policy: { kind: 'X', days: '3' } },
  ])('refuses what it does not: %j', (more) => {
    const value = JSON.parse(JSON.stringify({ ...body, ...more }));
    expect(validator.Check(value)).toBe(false);
  });

  it('is of the version that is wanted, or not at all', () => {
    expect(() => jsonSchemaOf(types, 'A.B/c@2025-01-01')).toThrow(
      'A.B/c@2025-01-01 is wanted, A.B/c@2024-01-01 is known',
    );
  });
});
