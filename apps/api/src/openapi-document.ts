import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** The API as its routes declare it. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle('Kiket Auth')
    .setDescription('Who may do what: sign-in, sessions and members for products built on the workflow platform.')
    .setVersion('1')
    .addBearerAuth()
    .addGlobalParameters(
      { name: 'X-Product-Slug', in: 'header', required: false, schema: { type: 'string', example: 'spravce-gdpr' } },
      { name: 'Accept-Language', in: 'header', required: false, schema: { type: 'string', enum: ['cs', 'de', 'en'] } },
    )
    .build();
  return SwaggerModule.createDocument(app, about, { operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}.${method}` });
}

/** `/api/docs` for people, `/api/openapi.json` for programs. */
export function serveDocs(app: INestApplication): void {
  SwaggerModule.setup('api/docs', app, () => openApiDocument(app), { jsonDocumentUrl: 'api/openapi.json', yamlDocumentUrl: 'api/openapi.yaml' });
}
