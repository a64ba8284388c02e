/** What resources tell of themselves once they are made, as far as the template asks. */
const known: Readonly<Record<string, (name: string) => object>> = {
  'Microsoft.ManagedIdentity/userAssignedIdentities': () => ({
    clientId: '11111111-1111-1111-1111-111111111111',
    principalId: '22222222-2222-2222-2222-222222222222',
  }),
  'Microsoft.EventHub/namespaces': (name) => ({
    serviceBusEndpoint: `https://${name}.servicebus.windows.net:443/`,
  }),
  'Microsoft.DocumentDB/databaseAccounts': (name) => ({
    documentEndpoint: `https://${name}.documents.azure.com:443/`,
  }),
  'Microsoft.Storage/storageAccounts': (name) => ({
    primaryEndpoints: {
      blob: `https://${name}.blob.core.windows.net/`,
      queue: `https://${name}.queue.core.windows.net/`,
    },
  }),
  'Microsoft.Insights/components': () => ({
    ConnectionString: 'InstrumentationKey=33333333-3333-3333-3333-333333333333',
  }),
  'Microsoft.Web/sites': (name) => ({ defaultHostName: `${name}.azurewebsites.net` }),
};

/**
 * The properties of a resource that `reference` gives, made up.
 *
 * @throws Error for a type whose properties are not known here.
 */
export function propertiesOnceMade(id: string): object {
  const [, type = '', name = ''] = /\/providers\/([^/]+\/[^/]+)\/([^/]+)$/.exec(id) ?? [];
  const properties = known[type];
  if (properties === undefined) throw new Error(`what does ${id} tell once it is made?`);
  return properties(name);
}
