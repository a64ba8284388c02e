import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { azureConfig } from '../../azure-app/config.ts';
import type { MillraceError } from '../../core/errors.ts';
import { pipelines } from '../../pipelines/index.ts';

const file = join(import.meta.dirname, '../../azure-app/local.settings.template.json');
const settings: Readonly<Record<string, string>> = JSON.parse(readFileSync(file, 'utf8')).Values;
const identity = {
  ...{ EVENT_HUBS: '', COSMOS: '', STORAGE: '' },
  EVENT_HUBS__fullyQualifiedNamespace: 'millrace.servicebus.windows.net',
  COSMOS__accountEndpoint: 'https://millrace.documents.azure.com:443/',
  STORAGE__blobServiceUri: 'https://millrace.blob.core.windows.net/',
  STORAGE__queueServiceUri: 'https://millrace.queue.core.windows.net/',
};
const account = 'DefaultEndpointsProtocol=https;AccountName=millrace;AccountKey=c2VjcmV0';
const endpoints =
  'BlobEndpoint=https://millrace.blob.core.windows.net;QueueEndpoint=https://millrace.queue.core.windows.net/';
const policy = 'SharedAccessKeyName=app;SharedAccessKey=c2VjcmV0';

/** What is wrong with the settings, once these are changed. */
function problemsWith(changed: Readonly<Record<string, string>>): readonly string[] {
  try {
    azureConfig({ ...settings, ...changed }, pipelines);
    return [];
  } catch (error) {
    return (error as MillraceError).problems;
  }
}

/** What is frozen of a value's own objects, and what is not. */
function open(value: unknown, path = 'config'): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const members = Object.entries(value).flatMap(([name, one]) => open(one, `${path}.${name}`));
  return Object.isFrozen(value) ? members : [path, ...members];
}

describe('the configuration of the app on Azure', () => {
  it.each([
    ['emulators', {}],
    ['an identity', identity],
    ['a namespace with its port', { EVENT_HUBS: `Endpoint=sb://127.0.0.1:5672;${policy}` }],
    [
      'a hub in the string',
      { EVENT_HUBS: `Endpoint=sb://m.windows.net/;${policy};EntityPath=flights` },
    ],
    [
      'a signature for the hub',
      {
        EVENT_HUBS: 'Endpoint=sb://m.windows.net/;SharedAccessSignature=SharedAccessSignature sr=x',
      },
    ],
    ['an account', { STORAGE: `${account};EndpointSuffix=core.windows.net` }],
    ['an account by its endpoints', { STORAGE: `${account};${endpoints}` }],
    ['a signature for the account', { STORAGE: `${endpoints};SharedAccessSignature=sv=1&sig=x` }],
  ])('takes %s', (_, changed) => {
    expect(problemsWith(changed)).toEqual([]);
  });

  it('says of every connection at once what it must be', () => {
    const wrong = { EVENT_HUBS: 'nonsense', COSMOS: 'nonsense', STORAGE: 'nonsense' };
    expect(problemsWith(wrong)).toEqual([
      'EVENT_HUBS must be a connection string such as Endpoint=sb://<host>/;SharedAccessKeyName=<name>;SharedAccessKey=<key>',
      'COSMOS must be a connection string such as AccountEndpoint=https://<host>/;AccountKey=<key>',
      'STORAGE must be a connection string such as ' +
        'DefaultEndpointsProtocol=https;AccountName=<name>;AccountKey=<key>;EndpointSuffix=core.windows.net',
    ]);
  });

  it('says of every address at once what it must be', () => {
    const places = Object.keys(identity).filter((name) => name.includes('__'));
    const wrong = Object.fromEntries(places.map((name) => [name, 'not a uri']));
    expect(problemsWith({ ...identity, ...wrong })).toEqual([
      'EVENT_HUBS__fullyQualifiedNamespace must be the name of a host',
      'COSMOS__accountEndpoint must be an address https://<host>/',
      'STORAGE__blobServiceUri must be an address https://<host>/',
      'STORAGE__queueServiceUri must be an address https://<host>/',
    ]);
  });

  it.each([
    ['EVENT_HUBS', `Endpoint=https://millrace.windows.net/;${policy}`],
    ['EVENT_HUBS', `Endpoint=sb:///;${policy}`],
    ['EVENT_HUBS', `Endpoint=sb://millrace.windows.net/;SharedAccessKey=c2VjcmV0`],
    ['EVENT_HUBS', policy],
    ['EVENT_HUBS', `Endpoint=sb://millrace.windows.net/;${policy};SharedAccessSignature=c2VjcmV0`],
    ['COSMOS', 'AccountEndpoint=127.0.0.1:8081;AccountKey=c2VjcmV0'],
    ['COSMOS', 'AccountEndpoint=https://millrace.documents.azure.com/'],
    ['STORAGE', account],
    ['STORAGE', `AccountName=millrace;AccountKey=c2VjcmV0;${endpoints}`],
    ['STORAGE', `${endpoints.split(';')[0]};SharedAccessSignature=sig=c2VjcmV0`],
    ['STORAGE', 'UseDevelopmentStorage=false'],
  ])('refuses %s=%s, and tells no secret', (name, value) => {
    const problems = problemsWith({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} must be a connection string`));
    expect(problems[0]).not.toMatch(/c2VjcmV0|millrace/);
  });

  it.each([
    'http://millrace.example/',
    'https://',
    'https://a b/',
    'https://u:c2VjcmV0@m.example/',
  ])('refuses the address %s', (uri) => {
    const [problem] = problemsWith({ ...identity, STORAGE__blobServiceUri: uri });
    expect(problem).toBe('STORAGE__blobServiceUri must be an address https://<host>/');
  });

  it('gives a batch less time than the host gives a function', () => {
    expect(problemsWith({ PROCESS_SECONDS: '280' })).toEqual([]);
    expect(problemsWith({ PROCESS_SECONDS: '281' })).toEqual([
      "PROCESS_SECONDS must be a whole number from 1 to 280, not '281'",
    ]);
  });

  it('keeps the readers apart from the trigger, whose group is the same in any case', () => {
    for (const group of ['$Default', '$default', '$DEFAULT']) {
      expect(problemsWith({ EVENT_HUB_CONSUMER_GROUP: group })).toEqual([
        'EVENT_HUB_READER_GROUP must not be the group of the trigger',
      ]);
    }
  });

  it('is frozen, whatever is in it', () => {
    const { pipelines: definitions, ...config } = azureConfig(settings, pipelines);
    expect(open(Object.freeze(config))).toEqual([]);
    expect(Object.isFrozen(definitions)).toBe(true);
  });
});
