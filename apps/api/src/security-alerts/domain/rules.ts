export type Severity = 'low' | 'medium' | 'high' | 'critical';

/** When something is worth an alert. */
export interface Rule {
  readonly severity: Severity;
  /** How often it must happen within the window. */
  readonly threshold: number;
  /** Zero: each time counts for itself. */
  readonly windowSeconds: number;
}

/** What is a setting of the service. */
export interface Thresholds {
  readonly failedLogins: number;
  readonly failedLoginsMinutes: number;
  readonly refusals: number;
  readonly refusalsMinutes: number;
}

const AT_ONCE = { threshold: 1, windowSeconds: 0 } as const;

/** All that alerts are raised for. */
export function rulesOf({ failedLogins, failedLoginsMinutes, refusals, refusalsMinutes }: Thresholds) {
  return {
    revoked_credential_used: { severity: 'high', ...AT_ONCE },
    refresh_token_reused: { severity: 'critical', ...AT_ONCE },
    failed_logins: { severity: 'high', threshold: failedLogins, windowSeconds: failedLoginsMinutes * 60 },
    refused_scopes: { severity: 'medium', threshold: refusals, windowSeconds: refusalsMinutes * 60 },
    new_network: { severity: 'low', ...AT_ONCE },
    leaked_credential: { severity: 'critical', ...AT_ONCE },
    broken_secret: { severity: 'critical', ...AT_ONCE },
  } as const satisfies Record<string, Rule>;
}

export type AlertType = keyof ReturnType<typeof rulesOf>;
