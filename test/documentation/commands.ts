/** The public documentation's commands, as printed. */
export const COMMANDS = {
  issueToken: `curl -X POST https://kiket.dev/api/v1/workspace_api_tokens \\
-H "Authorization: Bearer <session_or_token>" \\
-H "Content-Type: application/json" \\
-d '{
"workspace_api_token": {
"name": "CLI – laptop",
"scopes": ["issues:read", "projects"],
"expires_at": "2025-01-31T23:59:00Z"
}
}'`,
  register: `curl -X POST https://kiket.dev/api/v1/auth/register \\
-H "Content-Type: application/json" \\
-H "X-Product-Slug: spravce-gdpr" \\
-d '{
"email": "jan@acme.cz",
"password": "SecurePass123!",
"password_confirmation": "SecurePass123!",
"name": "Jan Novak",
"organization_name": "Acme s.r.o."
}'`,
  login: `curl -X POST https://kiket.dev/api/v1/auth/login \\
-H "Content-Type: application/json" \\
-H "X-Product-Slug: spravce-gdpr" \\
-d '{ "email": "jan@acme.cz", "password": "SecurePass123!" }'`,
  refresh: `curl -X POST https://kiket.dev/api/v1/auth/refresh \\
-H "Content-Type: application/json" \\
-d '{ "refresh_token": "eyJ..." }'`,
  forgotPassword: `# Request reset email (white-labeled with your product branding)
curl -X POST https://kiket.dev/api/v1/auth/forgot_password \\
-H "Content-Type: application/json" \\
-d '{ "email": "jan@acme.cz" }'`,
  resetPassword: `# Set new password
curl -X PUT https://kiket.dev/api/v1/auth/reset_password \\
-H "Content-Type: application/json" \\
-d '{ "token": "...", "password": "NewPass456!", "password_confirmation": "NewPass456!" }'`,
  me: `# Get current user
curl https://kiket.dev/api/v1/auth/me \\
-H "Authorization: Bearer eyJ..."`,
  updateMe: `# Update profile
curl -X PUT https://kiket.dev/api/v1/auth/me \\
-H "Authorization: Bearer eyJ..." \\
-H "Content-Type: application/json" \\
-d '{ "name": "Jan Novak Jr." }'`,
} as const;
