import { manifest } from '../extensions/installation.js';
import { type Household, KEY, SECRET_KEY } from './fixture.js';

/** How a route is called with a household's own ids, and what becomes of somebody who calls it with another household's. */
export interface Entry {
  /** The path's parameters, in their order. */
  readonly params?: (of: Household) => (string | number)[];
  readonly query?: (of: Household) => string;
  readonly body?: (of: Household) => object;
  /** What an admin of the household gets. */
  readonly own: number;
  /**
   * What a stranger gets who names the household's rows: `absent`, as if there were none (404); `refused` where the body
   * names them (422); `own` where the route names nothing, and so tells of the caller's own alone.
   */
  readonly stranger: 'absent' | 'refused' | 'own';
  /** Only people may: a machine gets 403. */
  readonly peopleOnly?: true;
  /** An application may not, whatever its scopes: 403. */
  readonly notByApplications?: true;
  /** What an extension of another project of the household gets, where the route is about no project; 403 if it says nothing. */
  readonly byExtension?: 200 | 201 | 404;
}

const own = (facts: Omit<Entry, 'stranger'>): Entry => ({ ...facts, stranger: 'own' });
const absent = (facts: Omit<Entry, 'stranger'>): Entry => ({ ...facts, stranger: 'absent' });
const refused = (facts: Omit<Entry, 'stranger'>): Entry => ({ ...facts, stranger: 'refused' });

/** The resources that are also served under /api/v1/ext. */
const RESOURCES: Readonly<Record<string, Entry>> = {
  'GET projects': own({ own: 200, query: ({ mark }) => `search=${mark}` }),
  'POST projects': refused({ own: 201, body: ({ member }) => ({ project: { name: 'Second', project_key: 'SECOND', lead_id: member.id } }) }),
  'GET projects/:id': absent({ own: 200, params: ({ projectId }) => [projectId] }),
  'PATCH projects/:id': absent({ own: 200, params: ({ projectId }) => [projectId], body: () => ({ project: { name: 'Renamed' } }) }),
  'DELETE projects/:id': absent({ own: 204, params: ({ projectId }) => [projectId] }),
  'GET projects/:id/issue_schema': absent({ own: 200, params: ({ projectId }) => [projectId] }),
  'GET projects/:id/milestones': absent({ own: 200, params: ({ projectId }) => [projectId] }),
  'POST projects/:id/milestones': absent({ own: 201, params: ({ projectId }) => [projectId], body: () => ({ milestone: { name: 'Next' } }) }),
  'GET projects/:id/milestones/:milestone_id': absent({ own: 200, params: ({ projectId, milestoneId }) => [projectId, milestoneId] }),
  'PATCH projects/:id/milestones/:milestone_id': absent({ own: 200, params: ({ projectId, milestoneId }) => [projectId, milestoneId], body: () => ({ milestone: { status: 'active' } }) }),
  'DELETE projects/:id/milestones/:milestone_id': absent({ own: 204, params: ({ projectId, milestoneId }) => [projectId, milestoneId] }),
  'GET issues': own({ own: 200, query: ({ projectId, mark }) => `project_id=${projectId}&search=${mark}` }),
  'POST issues': absent({ own: 201, body: ({ projectId }) => ({ issue: { project_id: projectId, title: 'More' } }) }),
  'GET issues/schema': absent({ own: 200, query: ({ projectId }) => `project_id=${projectId}` }),
  'GET issue_schema': own({ own: 200, byExtension: 200 }),
  'GET issues/:id': absent({ own: 200, params: ({ issueId }) => [issueId] }),
  'PATCH issues/:id': absent({ own: 200, params: ({ issueId }) => [issueId], body: () => ({ issue: { title: 'Retitled' } }) }),
  'DELETE issues/:id': absent({ own: 204, params: ({ issueId }) => [issueId] }),
  'POST issues/:id/transition': absent({ own: 200, params: ({ issueId }) => [issueId], body: () => ({ transition: { state: 'in_progress' } }) }),
  'GET issues/:id/comments': absent({ own: 200, params: ({ issueId }) => [issueId] }),
  'POST issues/:id/comments': absent({ own: 201, params: ({ issueId }) => [issueId], body: () => ({ comment: { body: 'Answer' } }) }),
  'GET issues/:id/comments/:comment_id': absent({ own: 200, params: ({ issueId, commentId }) => [issueId, commentId] }),
  'PATCH issues/:id/comments/:comment_id': absent({ own: 200, params: ({ issueId, commentId }) => [issueId, commentId], body: () => ({ comment: { body: 'Edited' } }) }),
  'DELETE issues/:id/comments/:comment_id': absent({ own: 204, params: ({ issueId, commentId }) => [issueId, commentId] }),
  'GET workflows': own({ own: 200, byExtension: 200 }),
  'GET workflows/:id': absent({ own: 200, byExtension: 200, params: ({ workflowId }) => [workflowId] }),
  'GET users': own({ own: 200, byExtension: 200 }),
  'GET users/current': own({ own: 200, byExtension: 200 }),
  'GET users/:id': absent({ own: 200, byExtension: 200, params: ({ member }) => [member.id] }),
  'GET organizations/:slug': absent({ own: 200, byExtension: 200, params: ({ slug }) => [slug] }),
  'GET analytics/usage': own({ own: 200 }),
};

const ALONE: Readonly<Record<string, Entry>> = {
  'GET /api/v1/me': own({ own: 200, byExtension: 200 }),
  'GET /api/v1/scopes': own({ own: 200, byExtension: 200 }),
  'GET /api/v1/billing/subscription': own({ own: 200 }),
  'GET /api/v1/billing/plans': own({ own: 200 }),
  // This world has no keys of Stripe's: what it is told comes after the question of who is asking.
  'POST /api/v1/billing/checkout_session': own({ own: 503, body: () => ({}) }),
  'POST /api/v1/billing/portal_session': own({ own: 503, body: () => ({}) }),
  'GET /api/v1/ext/rate_limit': own({ own: 200, byExtension: 200 }),
  'GET /api/v1/auth/me': own({ own: 200, peopleOnly: true }),
  'PUT /api/v1/auth/me': own({ own: 200, peopleOnly: true, body: () => ({}) }),
  'POST /api/v1/auth/logout': own({ own: 204, peopleOnly: true }),
  'GET /api/v1/auth/sessions': own({ own: 200, peopleOnly: true }),
  'DELETE /api/v1/auth/sessions': own({ own: 204, peopleOnly: true }),
  'DELETE /api/v1/auth/sessions/:id': absent({ own: 204, peopleOnly: true, params: ({ otherSessionId }) => [otherSessionId] }),
  'POST /api/v1/auth/switch_org': absent({ own: 200, peopleOnly: true, body: ({ admin }) => ({ organization_id: admin.organizationId }) }),
  'POST /api/v1/users': own({ own: 201, body: () => ({ user: { email: 'guest@acme.cz', name: 'Guest', role: 'member' } }) }),
  'PATCH /api/v1/users/:id': absent({ own: 200, params: ({ member }) => [member.id], body: () => ({ user: { role: 'viewer' } }) }),
  'DELETE /api/v1/users/:id': absent({ own: 204, params: ({ member }) => [member.id] }),
  'GET /api/v1/workspace_api_tokens': own({ notByApplications: true, own: 200 }),
  'POST /api/v1/workspace_api_tokens': own({ notByApplications: true, own: 201, body: () => ({ workspace_api_token: { name: 'New', scopes: ['issues:read'] } }) }),
  'GET /api/v1/workspace_api_tokens/:id': absent({ notByApplications: true, own: 200, params: ({ token }) => [token.id] }),
  'PATCH /api/v1/workspace_api_tokens/:id': absent({ notByApplications: true, own: 200, params: ({ token }) => [token.id], body: () => ({ workspace_api_token: { name: 'Renamed' } }) }),
  'POST /api/v1/workspace_api_tokens/:id/rotate': absent({ notByApplications: true, own: 200, params: ({ token }) => [token.id] }),
  'DELETE /api/v1/workspace_api_tokens/:id': absent({ notByApplications: true, own: 204, params: ({ token }) => [token.id] }),
};

const APPLICATION = 'oauth_applications/:id';
const APPLICATIONS: Readonly<Record<string, Entry>> = {
  'GET oauth_applications': own({ own: 200 }),
  'POST oauth_applications': own({ own: 201, body: () => ({ oauth_application: { name: 'New', scopes: ['issues:read'] } }) }),
  [`GET ${APPLICATION}`]: absent({ own: 200, params: ({ application }) => [application.id] }),
  [`PATCH ${APPLICATION}`]: absent({ own: 200, params: ({ application }) => [application.id], body: () => ({ oauth_application: { access_token_ttl: 600 } }) }),
  [`DELETE ${APPLICATION}`]: absent({ own: 204, params: ({ application }) => [application.id] }),
  [`POST ${APPLICATION}/secrets`]: absent({ own: 201, params: ({ application }) => [application.id] }),
  [`DELETE ${APPLICATION}/secrets/:secret_id`]: absent({ own: 204, params: ({ application }) => [application.id, application.secretId] }),
};

const EXTENSION = 'extensions/:id';
const SECRET = `${EXTENSION}/secrets/:key`;
const named = ({ extension }: Household) => [extension.id, SECRET_KEY];
const EXTENSIONS: Readonly<Record<string, Entry>> = {
  'GET extensions': own({ own: 200 }),
  'POST extensions': absent({ own: 201, body: ({ projectId, mark }) => ({ extension: { project_id: projectId, manifest: manifest({ id: 'com.example.other', name: `${mark} other` }) } }) }),
  [`GET ${EXTENSION}`]: absent({ own: 200, byExtension: 404, params: ({ extension }) => [extension.id] }),
  [`PATCH ${EXTENSION}`]: absent({ own: 200, params: ({ extension }) => [extension.id], body: ({ mark }) => ({ extension: { manifest: manifest({ name: `${mark} extension`, version: '2.0.0' }) } }) }),
  [`DELETE ${EXTENSION}`]: absent({ own: 204, params: ({ extension }) => [extension.id] }),
  [`GET ${EXTENSION}/secrets`]: absent({ own: 200, byExtension: 404, params: ({ extension }) => [extension.id] }),
  [`POST ${EXTENSION}/secrets`]: absent({ own: 201, byExtension: 404, params: ({ extension }) => [extension.id], body: () => ({ secret: { key: 'NEW', value: 'new' } }) }),
  [`POST ${EXTENSION}/secrets/api_key/rotate`]: absent({ own: 200, byExtension: 404, params: ({ extension }) => [extension.id] }),
  [`GET ${SECRET}`]: absent({ own: 200, byExtension: 404, params: named }),
  [`POST ${SECRET}`]: absent({ own: 200, byExtension: 404, params: named, body: () => ({ value: 'next' }) }),
  [`PATCH ${SECRET}`]: absent({ own: 200, byExtension: 404, params: named, body: () => ({ secret: { value: 'next' } }) }),
  [`DELETE ${SECRET}`]: absent({ own: 204, byExtension: 404, params: named }),
};

/** An inbox is a person's own, and through a token its owner's. */
const OWN_INBOX = { notByApplications: true } as const;
const NOTIFICATIONS: Readonly<Record<string, Entry>> = {
  'GET notifications': own({ ...OWN_INBOX, own: 200 }),
  'GET notifications/unread_count': own({ ...OWN_INBOX, own: 200 }),
  'POST notifications': refused({ own: 201, byExtension: 201, body: ({ member }) => ({ notification: { user_ids: [member.id], type: 'news', title: 'News', message: 'News' } }) }),
  'POST notifications/read_all': own({ ...OWN_INBOX, own: 200 }),
  'POST notifications/:id/read': absent({ ...OWN_INBOX, own: 200, params: ({ notificationId }) => [notificationId] }),
};
const ALERTS: Readonly<Record<string, Entry>> = {
  'GET security_alerts': own({ own: 200 }),
  'POST security_alerts/:id/acknowledge': absent({ own: 200, params: ({ alertId }) => [alertId] }),
  'GET security_alert_settings': own({ own: 200 }),
  'PUT security_alert_settings': own({ own: 200, body: () => ({ security_alert_settings: { emails: ['security@acme.cz'] } }) }),
};
const PREFERENCES: Readonly<Record<string, Entry>> = {
  'GET notification_preferences': own({ ...OWN_INBOX, own: 200 }),
  'PUT notification_preferences': own({ ...OWN_INBOX, own: 200, body: () => ({ preferences: [{ type: 'assignment', email: true }] }) }),
};

const AUDIT: Readonly<Record<string, Entry>> = {
  'GET audit_events': own({ own: 200 }),
  'GET audit_events/verify': own({ own: 200 }),
  'GET audit_events.ndjson': own({ own: 200 }),
  'GET audit_events.csv': own({ own: 200 }),
  'GET audit_checkpoints': own({ own: 200 }),
  'POST audit_checkpoints': own({ own: 201 }),
};

/** Every route that asks for a credential. One that is not written down here fails the build. */
export const ENTRIES: Readonly<Record<string, Entry>> = {
  ...ALONE,
  ...under('api/v1', APPLICATIONS),
  ...under('api/v1', EXTENSIONS),
  ...under('api/v1', NOTIFICATIONS),
  ...under('api/v1/ext', NOTIFICATIONS),
  ...under('api/v1', PREFERENCES),
  ...under('api/v1', AUDIT),
  ...under('api/v1', ALERTS),
  ...under('api/v1', RESOURCES),
  ...under('api/v1/ext', RESOURCES),
};

/** Where a path has no number but a name: these find the household's rows by their keys. */
export const BY_KEY: readonly (readonly [string, (of: Household) => string])[] = [
  ['GET', () => `/api/v1/projects/${KEY}`],
  ['GET', () => `/api/v1/issues/${KEY}-1`],
  ['GET', () => `/api/v1/issues/${KEY}-1/comments`],
  ['GET', ({ mark }) => `/api/v1/issues?project_key=${KEY}&search=${mark}`],
  ['GET', ({ mark }) => `/api/v1/issues?label=${mark}%20label`],
  ['GET', ({ member }) => `/api/v1/issues?assignee_id=${member.id}`],
];

function under(base: string, routes: Readonly<Record<string, Entry>>): Record<string, Entry> {
  return Object.fromEntries(
    Object.entries(routes).map(([route, entry]) => {
      const [method = '', path = ''] = route.split(' ');
      return [`${method} /${base}/${path}`, entry];
    }),
  );
}
