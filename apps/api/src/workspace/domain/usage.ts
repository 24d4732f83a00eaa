import { CREDENTIAL_KINDS, type CredentialKind, invalid } from '#domain';

const DAY_MS = 24 * 60 * 60 * 1000;
const USUAL_DAYS = 30;
const MOST_DAYS = 366;

export type RequestMetric = `requests_${CredentialKind}`;
export type Metric = RequestMetric | 'issues' | 'comments';

export const METRICS: readonly Metric[] = [...CREDENTIAL_KINDS.map(requestMetric), 'issues', 'comments'];

export function requestMetric(kind: CredentialKind): RequestMetric {
  return `requests_${kind}`;
}

/** What one of a metric is. */
export function unitOf(metric: Metric): string {
  if (metric === 'issues') return 'issue';
  return metric === 'comments' ? 'comment' : 'request';
}

/** Whole days of UTC, first and last included, as `YYYY-MM-DD`. */
export class Period {
  private constructor(
    readonly startAt: Date,
    readonly endAt: Date,
  ) {}

  /** By default the thirty days before the end, and the end is now. @throws validation_error for what runs backwards, or for more than a year */
  static of({ startAt, endAt }: { startAt?: Date | undefined; endAt?: Date | undefined }, now: Date): Period {
    const end = endAt ?? now;
    const start = startAt ?? new Date(end.getTime() - USUAL_DAYS * DAY_MS);
    if (start > end) throw invalid({ field: 'end_at', code: 'invalid' });
    const period = new Period(start, end);
    if (period.days.length > MOST_DAYS) throw invalid({ field: 'start_at', code: 'too_large', params: { most: MOST_DAYS } });
    return period;
  }

  get firstDay(): string {
    return dayOf(this.startAt);
  }

  get lastDay(): string {
    return dayOf(this.endAt);
  }

  get days(): string[] {
    const first = Date.parse(this.firstDay);
    const count = Math.min((Date.parse(this.lastDay) - first) / DAY_MS, MOST_DAYS) + 1;
    return Array.from({ length: count }, (_, index) => dayOf(new Date(first + index * DAY_MS)));
  }
}

/** How many of a metric on a day. */
export interface Count {
  readonly metric: Metric;
  readonly day: string;
  readonly quantity: number;
}

export interface Usage {
  readonly period: Period;
  readonly counts: readonly Count[];
}

export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}
