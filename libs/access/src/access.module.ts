import { Global, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AccessGuard } from './access.guard.js';
import { Authenticators } from './authenticator.js';
import { Revocables } from './revocable.js';
import { Traffic } from './traffic.js';
import { DeclaredRoutes } from './declared-routes.js';
import { DEFAULT_RATE_WINDOW_SECONDS, RATE_WINDOW_SECONDS, RateLimits } from './rate-limit/rate-limits.js';

@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    Authenticators,
    DeclaredRoutes,
    Traffic,
    Revocables,
    RateLimits,
    { provide: RATE_WINDOW_SECONDS, useValue: DEFAULT_RATE_WINDOW_SECONDS },
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [RateLimits, Authenticators, Traffic, Revocables],
})
export class AccessModule {}
