import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '#access';
import type { Principal } from '#domain';
import { Filters, Moment, OneOf } from '#request';
import { type Metric, METRICS, type Usage, unitOf } from '../domain/usage.js';
import { UsageCounts } from '../usage.service.js';
import { mounts } from './mounts.js';

class UsageQuery {
  @Moment({ optional: true }) start_at?: Date;
  @Moment({ optional: true }) end_at?: Date;
  @OneOf(['day'], { optional: true }) group_by?: 'day';
}

@ApiTags('Workspace')
@Controller(mounts('analytics'))
export class AnalyticsController {
  constructor(private readonly usage: UsageCounts) {}

  @Get('usage')
  @ApiOperation({ summary: 'What the organization used, by day' })
  @Requires('analytics:read')
  async show(@CurrentPrincipal() { realm }: Principal, @Filters() { start_at: startAt, end_at: endAt }: UsageQuery) {
    return usageView(await this.usage.of(realm, { startAt, endAt }));
  }
}

/** Nothing here is billed by use, so every cost is zero. */
function usageView({ period, counts }: Usage) {
  const quantities = (metric: Metric) => new Map(counts.filter((count) => count.metric === metric).map(({ day, quantity }) => [day, quantity]));
  const series = METRICS.map((metric) => {
    const byDay = quantities(metric);
    return [metric, period.days.map((day) => [day, byDay.get(day) ?? 0] as const)] as const;
  });
  return {
    start_at: period.startAt,
    end_at: period.endAt,
    unit: 'day',
    totals: Object.fromEntries(
      series.map(([metric, days]) => [metric, { quantity: days.reduce((sum, [, quantity]) => sum + quantity, 0), unit: unitOf(metric), estimated_cost_cents: 0 }]),
    ),
    series: Object.fromEntries(series.map(([metric, days]) => [metric, Object.fromEntries(days)])),
  };
}
