import { call, type Expression, idOf, propertiesOf, type Resource, resource } from './arm.ts';
import { localName } from './names.ts';
import { given } from './parameters.ts';

/**
 * Who the app is. It stands apart from the app so that it has its rights before the app starts, and keeps them when the
 * app is made anew.
 */
export const identity = resource(
  'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30',
  localName('identity'),
  { location: given('location'), tags: given('tags') },
);

/** What the clients of the app name the identity by. */
export const clientId: Expression = propertiesOf(identity).get('clientId');

/** Ids of Azure's built-in roles, the same in every tenant. */
const roleIds = {
  'Azure Event Hubs Data Receiver': 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde',
  'Azure Event Hubs Data Sender': '2b629674-e913-4c01-ae53-ef4638d8f975',
  'Storage Blob Data Owner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  'Storage Blob Data Contributor': 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
  'Storage Queue Data Reader': '19e7f393-937e-4f77-808e-94535e297925',
  'Storage Queue Data Message Processor': '8a0f0c08-91a1-4084-bc3d-661d67233fed',
  'Storage Queue Data Message Sender': 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a',
  'Key Vault Secrets User': '4633458b-17de-408a-b874-0445c86b69e6',
  'Monitoring Metrics Publisher': '3913510d-42f4-4e42-8a64-420c390055eb',
} as const;

/**
 * Lets the app do something with one resource, where there is a condition only if it holds; `why` is shown beside the
 * assignment in the portal.
 */
export function grant(
  role: keyof typeof roleIds,
  on: Resource,
  why: string,
  condition: Expression | undefined = on.condition,
): Resource {
  const roleId = call(
    'subscriptionResourceId',
    'Microsoft.Authorization/roleDefinitions',
    roleIds[role],
  );
  return resource(
    'Microsoft.Authorization/roleAssignments@2022-04-01',
    call('guid', idOf(on), idOf(identity), roleIds[role]),
    {
      properties: {
        roleDefinitionId: roleId,
        principalId: propertiesOf(identity).get('principalId'),
        principalType: 'ServicePrincipal',
        description: `${role}: ${why}`,
      },
    },
    { scope: on, condition },
  );
}
