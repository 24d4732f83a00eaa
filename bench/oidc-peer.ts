import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

/** The peer: a certified authorization server that keeps its clients and tokens in memory and signs ES256 JWTs. */
const port = Number(process.env['PORT']);
const issuer = `http://127.0.0.1:${port}`;
const resource = `${issuer}/api`;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const provider = new Provider(issuer, {
  clients: [{ client_id: 'bench', client_secret: 'bench-secret-of-some-length', grant_types: ['client_credentials'], redirect_uris: [], response_types: [], id_token_signed_response_alg: 'ES256' }],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'bench' }] as never },
  scopes: ['issues', 'projects'],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      getResourceServerInfo: () => ({ scope: 'issues projects', audience: resource, accessTokenTTL: 3600, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }),
    },
  },
});
provider.listen(port, '127.0.0.1', () => process.send?.('ready'));
