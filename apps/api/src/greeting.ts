import type { Config } from '#config';

/** What a newcomer needs next. */
export function greeting({ publicUrl, databaseUrl, smtpUrl, dataDir }: Config, listening: string): string {
  return `
Kiket Auth is serving on ${listening}
  docs      ${publicUrl}/api/docs
  database  ${databaseUrl === undefined ? `embedded, in ${dataDir}` : 'as DATABASE_URL says'}
  mail      ${smtpUrl === undefined ? `files in ${dataDir}/mail` : 'by SMTP'}

Register the first customer:

  curl -X POST ${publicUrl}/api/v1/auth/register \\
    -H "Content-Type: application/json" \\
    -H "X-Product-Slug: spravce-gdpr" \\
    -d '{"email":"jan@acme.cz","password":"SecurePass123!","password_confirmation":"SecurePass123!","name":"Jan Novak","organization_name":"Acme s.r.o."}'
`;
}
