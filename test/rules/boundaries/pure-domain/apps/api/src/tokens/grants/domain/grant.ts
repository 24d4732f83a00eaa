import '#domain';
import '../../domain/scope.js';
import '#clock'; // refused: pure-domain
import '@nestjs/common'; // refused: pure-domain
import type { EntitySchema } from 'typeorm'; // refused: pure-domain
import 'node:fs'; // refused: pure-domain
import '../../tokens.service.js'; // refused: pure-domain
import '../../storage/token.repository.js'; // refused: pure-domain
import '../../../products/index.js'; // refused: pure-domain

export type Schema = EntitySchema;
