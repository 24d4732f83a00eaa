import type { CredentialKind } from '#domain';
import { accountOf, accountOfStranger } from './account.js';

const caller = (kind: CredentialKind, organizationId: number, credentialId: number) => ({ kind, credentialId, organization: { id: organizationId, name: 'Acme', slug: 'acme' } });

describe('a request goes on the account', () => {
  it.each<[string, CredentialKind, { allowance: string; holder: string }]>([
    ['that an organization’s users share', 'user', { allowance: 'user', holder: '7' }],
    ['that an organization’s tokens share, for a workspace token', 'workspace_token', { allowance: 'token', holder: '7' }],
    ['that an organization’s tokens share, for an OAuth token', 'oauth_application', { allowance: 'token', holder: '7' }],
    ['of the installation, for an extension', 'extension', { allowance: 'extension', holder: '31' }],
  ])('%s', (_, kind, account) => {
    expect(accountOf(caller(kind, 7, 31))).toEqual(account);
  });

  it.each<[string, string]>([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ])('of their network, for a stranger from %s', (ip, holder) => {
    expect(accountOfStranger(ip)).toEqual({ allowance: 'unauthenticated', holder });
  });
});
