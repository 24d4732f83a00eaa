import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { Clock } from '#clock';
import { Config, type RateLimitSettings } from '#config';
import { DomainError, type Requirement } from '#domain';
import { Redis } from '#redis';
import type { Account, Allowance } from './account.js';
import { Budget } from './budget.js';

/** Injection token: how long a window is, in seconds. No setting changes it; the test world shortens it. */
export const RATE_WINDOW_SECONDS = Symbol('RATE_WINDOW_SECONDS');
export const DEFAULT_RATE_WINDOW_SECONDS = 60;

type Limiter = RateLimiterMemory | RateLimiterRedis;

/** Counts requests in fixed windows, which begin with an account's first request: in Redis where there is one, for all instances. */
@Injectable()
export class RateLimits {
  private readonly settings: RateLimitSettings;
  private readonly limiters: Readonly<Record<Allowance, Limiter>>;

  constructor(
    config: Config,
    private readonly redis: Redis,
    private readonly clock: Clock,
    @Inject(RATE_WINDOW_SECONDS) private readonly windowSeconds: number,
  ) {
    this.settings = config.rateLimits;
    this.limiters = {
      user: this.limiter('user'),
      token: this.limiter('token'),
      extension: this.limiter('extension'),
      unauthenticated: this.limiter('unauthenticated'),
      guess: this.limiter('guess'),
    };
  }

  /**
   * Takes a request from an account's budget and says in the answer's headers what is left.
   * @throws rate_limit_exceeded
   */
  async charge(account: Account, request: Request, response: Response, { openWhenExceeded }: Pick<Requirement, 'openWhenExceeded'>): Promise<void> {
    const budget = await this.spend(account);
    request.context.budget = budget;
    if (!this.settings.on) return;
    response.setHeader('X-RateLimit-Limit', budget.limit);
    response.setHeader('X-RateLimit-Remaining', budget.remaining);
    response.setHeader('X-RateLimit-Reset', budget.resetAt(this.clock.now()));
    if (budget.isExceeded && openWhenExceeded !== true) throw new DomainError('rate_limit_exceeded', { retryAfter: budget.retryAfter });
  }

  /** Takes a try. @throws rate_limit_exceeded */
  async mustSpend(account: Account): Promise<void> {
    const { isExceeded, retryAfter } = await this.spend(account);
    if (isExceeded) throw new DomainError('rate_limit_exceeded', { retryAfter });
  }

  /** Takes none, but refuses whom the next one would be refused. @throws rate_limit_exceeded */
  async mustHaveLeft(account: Account): Promise<void> {
    const { remaining, retryAfter } = await this.spend(account, 0);
    if (remaining === 0) throw new DomainError('rate_limit_exceeded', { retryAfter });
  }

  /** While limits are off the budget stays whole. */
  private async spend({ allowance, holder }: Account, requests = 1): Promise<Budget> {
    const { settings, windowSeconds } = this;
    const limit = settings[allowance];
    if (!settings.on) return Budget.whole(limit, windowSeconds);
    const { consumedPoints: spent, msBeforeNext: msLeft } = await this.limiters[allowance].consume(holder, requests).catch(beyond);
    return Budget.of({ limit, spent, windowSeconds, msLeft });
  }

  /** While Redis is away each instance counts by itself: a caller may then have as many budgets as there are instances. */
  private limiter(allowance: Allowance): Limiter {
    const options = { keyPrefix: `rate:${allowance}`, points: this.settings[allowance], duration: this.windowSeconds };
    const local = new RateLimiterMemory(options);
    if (!this.redis.isConfigured) return local;
    return new RateLimiterRedis({ ...options, storeClient: this.redis, useRedisPackage: true, insuranceLimiter: local });
  }
}

/** The library rejects with the count where the limit is exceeded. */
function beyond(rejection: unknown): RateLimiterRes {
  if (rejection instanceof RateLimiterRes) return rejection;
  throw rejection;
}
