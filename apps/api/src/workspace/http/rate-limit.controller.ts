import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentBudget, Requires } from '#access';
import type { RequestBudget } from '#domain';

@ApiTags('Operations')
@Controller('api/v1/ext/rate_limit')
export class RateLimitController {
  /** Asking counts as well, so that the answer says the same as its own headers. */
  @Get()
  @ApiOperation({ summary: 'How many requests the caller has left in this window' })
  @Requires('credential', { openWhenExceeded: true })
  show(@CurrentBudget() { limit, remaining, resetIn, windowSeconds }: RequestBudget) {
    return { rate_limit: { limit, remaining, reset_in: resetIn, window_seconds: windowSeconds } };
  }
}
