import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Config } from '#config';
import { DomainError, FALLBACK_LOCALE } from '#domain';
import { ReaderLocale } from './reader-locale.js';
import { errorBody } from './error-body.js';
import { oauthBody, speaksOAuth } from './oauth-body.js';
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
    private readonly config: Config,
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
    if (speaksOAuth(request.path)) return this.answerOAuth(refusal, request, response);
    const locale = await this.reader.of(request, refusal.details.readerLocale);
    response.setHeader('Content-Language', locale);
    this.announce(refusal, request, response);
    response.status(STATUS[refusal.kind]).json(errorBody(refusal, request.context.id, (key, params) => this.translator.sentence(locale, key, params)));
  }

  /** RFC 6749 §5.2. */
  private answerOAuth(refusal: DomainError, request: Request, response: Response): void {
    response.setHeader('Content-Language', FALLBACK_LOCALE);
    response.setHeader('Pragma', 'no-cache');
    this.announce(refusal, request, response);
    response.status(STATUS[refusal.kind]).json(oauthBody(refusal, this.translator.sentence(FALLBACK_LOCALE, `errors.${refusal.code}`)));
  }

  private announce(refusal: DomainError, request: Request, response: Response): void {
    const { allow } = refusal.details;
    const retryAfter = refusal.details.retryAfter ?? (refusal.code === 'unavailable' ? SHORTLY : undefined);
    if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter));
    if (allow !== undefined) response.setHeader('Allow', allow.join(', '));
    const challenge = speaksOAuth(request.path) ? basicChallenge(refusal, request) : bearerChallenge(refusal, request, this.config.publicUrl);
    if (challenge !== undefined) response.setHeader('WWW-Authenticate', challenge);
    // A body that was refused unread would be taken for the next request on this connection.
    if (!request.complete) response.setHeader('Connection', 'close');
  }
}

/** RFC 6749 §5.2: in the scheme that the client tried. */
function basicChallenge(refusal: DomainError, request: Request): string | undefined {
  const tried = /^basic /i.test(request.headers.authorization ?? '');
  return refusal.code === 'invalid_client' && tried ? 'Basic realm="kiket", charset="UTF-8"' : undefined;
}

/** RFC 6750 §3: the error is named only to a caller that sent a credential. RFC 9728 §5.1: where one finds out how to get one. */
function bearerChallenge(refusal: DomainError, request: Request, publicUrl: string): string | undefined {
  const metadata = `, resource_metadata="${publicUrl}/.well-known/oauth-protected-resource"`;
  const judged = refusal.kind === 'unauthenticated' || refusal.kind === 'forbidden';
  if (!judged || refusal.code === 'unauthorized') return undefined;
  if (refusal.code === 'authorization_required') return `Bearer realm="kiket"${metadata}`;
  if (request.headers.authorization === undefined && request.headers['x-kiket-api-key'] === undefined) return undefined;
  const error = refusal.kind === 'unauthenticated' ? 'invalid_token' : 'insufficient_scope';
  const scopes = refusal.details.requiredScopes ?? [];
  const scope = scopes.length === 0 ? '' : `, scope="${scopes.join(' ')}"`;
  return `Bearer realm="kiket", error="${error}", error_description="${refusal.code}"${scope}${metadata}`;
}
