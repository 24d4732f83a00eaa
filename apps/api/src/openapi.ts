import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import { loadConfig } from '#config';
import { AppModule } from './app.module.js';
import { openApiDocument } from './openapi-document.js';

const FILE = 'openapi.json';

// In preview mode nothing is instantiated: the document needs the routes, not a database.
const config = { ...loadConfig({ DATA_DIR: '.data' }), databaseUrl: 'postgres://nobody@127.0.0.1:1/none' };
const app = await NestFactory.create(AppModule.with(config), { preview: true, logger: false });
const current = `${JSON.stringify(openApiDocument(app), null, 2)}\n`;

if (!process.argv.includes('--check')) writeFileSync(FILE, current);
else if (readFileSync(FILE, 'utf8') !== current) {
  process.stderr.write(`${FILE} is not what the routes say: npm run openapi\n`);
  process.exitCode = 1;
}
