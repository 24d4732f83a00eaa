import type { Answer, Client } from '../support/client.js';

const serial = { last: 0 };

/** A key that no other project of this file has. */
export function freshKey(): string {
  serial.last += 1;
  return `DESK${serial.last}`;
}

/** A new project, under a key of its own unless it is to have another or none. */
export async function startProject(client: Client, fields: object = {}): Promise<Answer['body']> {
  return created(await client.post('/projects', { project: { name: 'Core platform', project_key: freshKey(), ...fields } }));
}

/** A new issue in a project. */
export async function openIssue(client: Client, project: { id: number }, fields: object = {}): Promise<Answer['body']> {
  return created(await client.post('/issues', { issue: { project_id: project.id, title: 'Access request', ...fields } }));
}

/** The resource that an answer says is new. */
export function created({ status, body }: Answer): Answer['body'] {
  if (status !== 201) throw new Error(`not created: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** The titles of a list, in its order. */
export function titles({ body }: Answer): string[] {
  return body.data.map(({ title }: { title: string }) => title);
}
