import { installed, type Installed } from '../extensions/installation.js';
import { accessToken, application, type Registered } from '../oauth/application.js';
import type { Client } from '../support/client.js';
import { tokenIn } from '../support/mailbox.js';
import { type Person, PASSWORD, type Token, World } from '../support/world.js';

/** One organization with something of everything in it. Every text that it chose says whose it is. */
export interface Household {
  /** Stands in every text of theirs, and in no one else's. */
  readonly mark: string;
  readonly admin: Person;
  readonly member: Person;
  readonly pendingId: number;
  readonly slug: string;
  readonly token: Token;
  readonly application: Registered;
  /** In the project, with a secret. */
  readonly extension: Installed;
  /** Calls with an access token of the application, which holds every scope. */
  readonly machine: Client;
  /** An admin session beside the one that is used. */
  readonly otherSessionId: number;
  readonly refreshToken: string;
  readonly projectId: number;
  readonly issueId: number;
  readonly commentId: number;
  readonly milestoneId: number;
  readonly workflowId: number;
  /** In the admin's inbox. */
  readonly notificationId: number;
  readonly alertId: number;
}

/** The key of each household's project: the same, so that a key that is looked up without its organization finds another's. */
export const KEY = 'CORE';
export const SECRET_KEY = 'TOKEN';

export async function household(world: World, product: string, mark: string): Promise<Household> {
  const email = `${mark}.admin@acme.cz`;
  const admin = await world.register({ email, name: `${mark} admin`, organization: `${mark} organization`, product });
  const { client } = admin;
  const member = await joined(world, client, product, mark);
  const pending = await made(client, '/users', { user: { email: `${mark}.pending@acme.cz`, name: `${mark} pending`, role: 'viewer' } });
  const second = await world.login(email, PASSWORD, product);
  const sessions = (await second.client.get('/auth/sessions')).body.data as { id: number; current: boolean }[];
  const project = await made(client, '/projects', { project: { name: `${mark} project`, project_key: KEY, description: `${mark} description` } });
  const milestone = await made(client, `/projects/${project.id}/milestones`, { milestone: { name: `${mark} milestone` } });
  const issue = await made(client, '/issues', {
    issue: { project_id: project.id, title: `${mark} issue`, labels: [`${mark} label`], assignee_id: member.id, milestone_id: milestone.id, custom_fields: { note: `${mark} note` } },
  });
  const comment = await made(client, `/issues/${issue.id}/comments`, { comment: { body: `${mark} comment` } });
  const workflows = await client.get('/workflows');
  const registered = await application(admin, { name: `${mark} application`, scopes: undefined });
  const extension = await installed(world, admin, project.id, { name: `${mark} extension` });
  await made(client, `/extensions/${extension.id}/secrets`, { secret: { key: SECRET_KEY, value: `${mark} value` } });
  const sent = (await client.post('/notifications', { notification: { user_ids: [admin.id], type: 'news', title: `${mark} news`, message: 'News' } })).body as { notifications: { id: number }[] };
  const everything = await accessToken(world, registered);
  return {
    mark,
    admin,
    member,
    pendingId: pending.id,
    slug: (await client.get('/auth/me')).body.organization.slug,
    token: await world.token(admin, { name: `${mark} token` }),
    application: registered,
    extension,
    machine: everything.client,
    otherSessionId: sessions.find(({ current }) => current)?.id ?? 0,
    refreshToken: second.refreshToken,
    projectId: project.id,
    issueId: issue.id,
    commentId: comment.id,
    milestoneId: milestone.id,
    workflowId: workflows.body.workflows[0].id,
    notificationId: sent.notifications[0]?.id ?? 0,
    alertId: await alert(world, admin.organizationId, mark),
  };
}

/** As if somebody had gone on using a credential of theirs, and one addressee had been named. */
async function alert(world: World, organizationId: number, mark: string): Promise<number> {
  await world.database.sql(`INSERT INTO security_alert_settings (organization_id, emails, updated_at) VALUES ($1, $2, now())`, [organizationId, [`${mark}.alerts@acme.cz`]]);
  const [row] = await world.database.sql<{ id: number }>(
    `INSERT INTO security_alerts (organization_id, type, severity, subject_type, subject_id, subject_name, count, first_seen_at, last_seen_at)
     VALUES ($1, 'revoked_credential_used', 'high', 'workspace_token', 1, $2, 1, now(), now()) RETURNING id`,
    [organizationId, `${mark} credential`],
  );
  return Number(row?.id);
}

async function joined(world: World, admin: Client, product: string, mark: string): Promise<Person> {
  const email = `${mark}.member@acme.cz`;
  await made(admin, '/users', { user: { email, name: `${mark} member`, role: 'member' } });
  const token = tokenIn(await world.mailbox.invitation(email));
  const { status, body } = await world.visitor.product(product).post('/auth/accept_invitation', { token, password: PASSWORD });
  if (status !== 200) throw new Error(`accept: ${status} ${JSON.stringify(body)}`);
  return world.person(body, product);
}

async function made(client: Client, path: string, body: object): Promise<{ id: number }> {
  const answer = await client.post(path, body);
  if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as { id: number };
}
