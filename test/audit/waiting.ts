/** Who waits to write into the trail of this database: copies of one template have the same ids of relations. */
export const WRITES_WAIT = `
  SELECT 1 FROM pg_locks
  WHERE relation = 'audit_entries'::regclass AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
