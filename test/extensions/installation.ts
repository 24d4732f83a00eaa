import type { Client } from '../support/client.js';
import type { Person, World } from '../support/world.js';

export interface Installed {
  readonly id: number;
  readonly extensionId: string;
  readonly projectId: number;
  readonly key: string;
  readonly prefix: string;
  /** Calls with its key, as extensions do. */
  readonly client: Client;
}

interface ManifestFacts {
  readonly id?: string;
  readonly name?: string;
  readonly version?: string;
  readonly permissions?: readonly string[];
}

/** A manifest as the documentation's scaffold has it. */
export function manifest({ id = 'com.example.sync', name = 'Sync', version = '1.0.0', permissions = ['issues', 'comments'] }: ManifestFacts = {}) {
  return { model_version: '1.0', extension: { id, name, version, permissions } };
}

/** Installs an extension into a project, as an admin does. */
export async function installed(world: World, admin: Pick<Person, 'client'>, projectId: number, facts: ManifestFacts = {}): Promise<Installed> {
  const { status, body } = await admin.client.post('/extensions', { extension: { project_id: projectId, manifest: manifest(facts) } });
  if (status !== 201) throw new Error(`install: ${status} ${JSON.stringify(body)}`);
  return { id: body.id, extensionId: body.extension_id, projectId, key: body.api_key, prefix: body.api_key_prefix, client: world.bearer(body.api_key) };
}

/** A project to install into. */
export async function project(admin: Pick<Person, 'client'>, facts: object = {}): Promise<{ id: number; key: string }> {
  const { status, body } = await admin.client.post('/projects', { project: { name: 'Core', ...facts } });
  if (status !== 201) throw new Error(`project: ${status} ${JSON.stringify(body)}`);
  return { id: body.id, key: body.project_key };
}
