import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '#access';
import { Config } from '#config';
import { RESOURCES } from '#domain';
import { ASSERTION_ALGORITHMS } from '#jwt';

const METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];
const FOR_AN_HOUR = 'public, max-age=3600';

/** What clients find out before they ask for anything. */
@ApiTags('Discovery')
@Controller('.well-known')
export class MetadataController {
  constructor(private readonly config: Config) {}

  @Get('oauth-authorization-server')
  @ApiOperation({ summary: 'What the authorization server offers (RFC 8414)' })
  @Header('Cache-Control', FOR_AN_HOUR)
  @Public()
  authorizationServer() {
    const { publicUrl } = this.config;
    const authentication = (endpoint: string) => ({
      [`${endpoint}_endpoint_auth_methods_supported`]: METHODS,
      [`${endpoint}_endpoint_auth_signing_alg_values_supported`]: ASSERTION_ALGORITHMS,
    });
    return {
      issuer: publicUrl,
      token_endpoint: `${publicUrl}/oauth/token`,
      revocation_endpoint: `${publicUrl}/oauth/revoke`,
      introspection_endpoint: `${publicUrl}/oauth/introspect`,
      jwks_uri: `${publicUrl}/.well-known/jwks.json`,
      service_documentation: `${publicUrl}/api/docs`,
      scopes_supported: RESOURCES,
      // There is no authorization endpoint, and so nothing that it could answer.
      response_types_supported: [],
      grant_types_supported: ['client_credentials'],
      ...authentication('token'),
      ...authentication('revocation'),
      ...authentication('introspection'),
    };
  }

  @Get('oauth-protected-resource')
  @ApiOperation({ summary: 'Where tokens for this API come from (RFC 9728)' })
  @Header('Cache-Control', FOR_AN_HOUR)
  @Public()
  protectedResource() {
    const { publicUrl } = this.config;
    return {
      resource: publicUrl,
      authorization_servers: [publicUrl],
      jwks_uri: `${publicUrl}/.well-known/jwks.json`,
      scopes_supported: RESOURCES,
      bearer_methods_supported: ['header'],
      resource_documentation: `${publicUrl}/api/docs`,
    };
  }
}
