import { call, resource } from './arm.ts';
import { globalName } from './names.ts';
import { given } from './parameters.ts';

/**
 * The place for secrets. Without a webhook there is none: every connection is an identity's, and the function keys are
 * the host's. The app may read the vault if it publishes to a webhook, whose secret is put here. A pipeline that
 * pseudonymises by a keyed hash needs one too; give the app's identity the role Key Vault Secrets User on that one.
 */
export const keyVault = resource('Microsoft.KeyVault/vaults@2024-11-01', globalName, {
  location: given('location'),
  tags: given('tags'),
  properties: {
    tenantId: call('subscription').get('tenantId'),
    sku: { family: 'A', name: 'standard' },
    createMode: given('vaultCreateMode'),
    enableRbacAuthorization: true,
    enablePurgeProtection: true,
    enableSoftDelete: true,
    softDeleteRetentionInDays: 7,
    publicNetworkAccess: 'Enabled',
  },
});
