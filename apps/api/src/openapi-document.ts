import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { SCOPES } from '#domain';
import { CATALOGS } from '#locale';

const ABOUT = `Who may do what, for products built on the workflow platform: sign-in, sessions and members; workspace API tokens
and OAuth 2.0 client credentials; and the projects and issues that they open.

Each operation says in \`x-requires\` what it asks of its caller: a scope, \`user\` (a person's own session), or \`credential\` (any);
behind \`or\` stands a kind of credential that needs no scope there.
What stands under \`/api/v1/ext\` is the same under the address that extensions know.`;

/** The API as its routes declare it. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const scopes = SCOPES.map((scope) => `| \`${scope}\` | ${CATALOGS.en.scopes[scope]} |`);
  const about = new DocumentBuilder()
    .setTitle('Kiket Auth')
    .setDescription(`${ABOUT}\n\n| scope | opens |\n| --- | --- |\n${scopes.join('\n')}`)
    .setVersion('1')
    .addBearerAuth()
    .addGlobalParameters(
      { name: 'X-Product-Slug', in: 'header', required: false, schema: { type: 'string', example: 'spravce-gdpr' } },
      { name: 'Accept-Language', in: 'header', required: false, schema: { type: 'string', enum: ['cs', 'de', 'en'] } },
    )
    .build();
  return distinct(SwaggerModule.createDocument(app, about, { operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}.${method}` }));
}

/** The same operation under two addresses is two operations to whoever generates a client. */
function distinct(document: OpenAPIObject): OpenAPIObject {
  for (const [path, item] of Object.entries(document.paths)) {
    if (!path.startsWith('/api/v1/ext/')) continue;
    for (const operation of [item.get, item.post, item.put, item.patch, item.delete]) {
      if (operation?.operationId !== undefined) Object.assign(operation, { operationId: `ext.${operation.operationId}` });
    }
  }
  return document;
}

/** `/api/docs` for people, `/api/openapi.json` for programs. */
export function serveDocs(app: INestApplication): void {
  SwaggerModule.setup('api/docs', app, () => openApiDocument(app), { jsonDocumentUrl: 'api/openapi.json', yamlDocumentUrl: 'api/openapi.yaml' });
}
