import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DomainError } from '#domain';
import { ReaderLocale } from './reader-locale.js';
import { errorBody } from './error-body.js';
import { KnownPaths } from './known-paths.js';
import { refusalOf } from './refusal.js';
import { STATUS } from './status.js';
import { unreadBody } from './unread-body.js';
import { Translator } from '#locale';

/** Seconds: how soon it is worth asking again after an outage of which nothing more is known. */
const SHORTLY = 1;

/** The one place where a refusal becomes an answer. */
@Catch()
@Injectable()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('Refusal');

  constructor(
    private readonly translator: Translator,
    private readonly reader: ReaderLocale,
    private readonly paths: KnownPaths,
  ) {}

  /** Never throws: nobody waits for it, so that a fault of its own would end the process. */
  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    try {
      await this.answer(error, request, response);
    } catch (fault) {
      this.logger.error({ msg: 'a refusal could not be written', request_id: request.context.id, err: fault });
      response.destroy();
    }
  }

  private async answer(error: unknown, request: Request, response: Response): Promise<void> {
    const refusal = this.paths.refine(refusalOf(error), request);
    if (refusal.kind === 'broken') this.logger.error({ msg: 'unexpected error', request_id: request.context.id, err: refusal.details.cause });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    await unreadBody(request);
    const locale = await this.reader.of(request, refusal.details.readerLocale);
    response.setHeader('Content-Language', locale);
    this.announce(refusal, request, response);
    response.status(STATUS[refusal.kind]).json(errorBody(refusal, request.context.id, (key, params) => this.translator.sentence(locale, key, params)));
  }

  private announce(refusal: DomainError, request: Request, response: Response): void {
    const { allow } = refusal.details;
    const retryAfter = refusal.details.retryAfter ?? (refusal.code === 'unavailable' ? SHORTLY : undefined);
    if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter));
    if (allow !== undefined) response.setHeader('Allow', allow.join(', '));
    const challenge = bearerChallenge(refusal, request);
    if (challenge !== undefined) response.setHeader('WWW-Authenticate', challenge);
    // A body that was refused unread would be taken for the next request on this connection.
    if (!request.complete) response.setHeader('Connection', 'close');
  }
}

/** RFC 6750 §3: the error is named only to a caller that sent a credential. */
function bearerChallenge(refusal: DomainError, request: Request): string | undefined {
  const judged = refusal.kind === 'unauthenticated' || refusal.kind === 'forbidden';
  if (!judged || refusal.code === 'unauthorized') return undefined;
  if (refusal.code === 'authorization_required') return 'Bearer realm="kiket"';
  if (request.headers.authorization === undefined && request.headers['x-kiket-api-key'] === undefined) return undefined;
  const error = refusal.kind === 'unauthenticated' ? 'invalid_token' : 'insufficient_scope';
  const scopes = refusal.details.requiredScopes ?? [];
  const scope = scopes.length === 0 ? '' : `, scope="${scopes.join(' ')}"`;
  return `Bearer realm="kiket", error="${error}", error_description="${refusal.code}"${scope}`;
}
