import type { Principal } from '#domain';
import { countedNetwork } from '../network.js';

/** What there is a limit for. */
export type Allowance = 'user' | 'token' | 'extension' | 'unauthenticated' | 'guess';

/** On whose account a request goes. */
export interface Account {
  readonly allowance: Allowance;
  /** Whoever shares it, within the allowance. */
  readonly holder: string;
}

/** An organization's people share an account, its tokens of either kind another; each installed extension has its own. */
export function accountOf({ kind, credentialId, organization }: Pick<Principal, 'kind' | 'credentialId' | 'organization'>): Account {
  switch (kind) {
    case 'user':
      return { allowance: 'user', holder: String(organization.id) };
    case 'workspace_token':
    case 'oauth_application':
      return { allowance: 'token', holder: String(organization.id) };
    case 'extension':
      return { allowance: 'extension', holder: String(credentialId) };
  }
}

/** Whoever shows no credential is known by the network they come from. */
export function accountOfStranger(ip: string): Account {
  return { allowance: 'unauthenticated', holder: countedNetwork(ip) };
}

/** Whoever guesses a client's secret is known by the client that they claim to be, and the network they come from. */
export function accountOfGuesser(clientId: string, ip: string): Account {
  return { allowance: 'guess', holder: `${clientId.slice(0, 64)}@${countedNetwork(ip)}` };
}
