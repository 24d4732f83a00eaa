import type { ConstructorOptions } from 'pg-boss';

/** pg-boss in a schema of its own, with a few connections of its own, and nothing of it that we do not use. */
export function bossOptions(databaseUrl: string): ConstructorOptions {
  return {
    connectionString: databaseUrl,
    schema: 'jobs',
    application_name: 'kiket-auth jobs',
    max: 3,
    connectionTimeoutMillis: 5_000,
    options: '-c statement_timeout=30000',
    useListenNotify: true,
    schedule: false,
    registerInstance: false,
    openTelemetry: { enabled: false },
    // How late the job of a process that died is noticed, beyond its timeout.
    superviseIntervalSeconds: 30,
    monitorIntervalSeconds: 30,
    maintenanceIntervalSeconds: 600,
  };
}
