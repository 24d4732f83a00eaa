import type { Client } from '../support/client.js';
import type { Person, World } from '../support/world.js';

export const ISSUER = 'https://auth.test';
export const GRANT = { grant_type: 'client_credentials' };

export interface Credentials {
  readonly clientId: string;
  readonly secret: string;
}

export interface Registered extends Credentials {
  readonly id: number;
  readonly secretId: number;
}

export interface OAuthAnswer {
  readonly status: number;
  readonly headers: Headers;
  // A test reads answers as a client would: by looking.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

/** Registers an application as an admin does. */
export async function application(admin: Pick<Person, 'client'>, facts: object = {}): Promise<Registered> {
  const { status, body } = await admin.client.post('/oauth_applications', { oauth_application: { name: 'Sync', scopes: ['issues', 'projects:read'], ...facts } });
  if (status !== 201) throw new Error(`register: ${status} ${JSON.stringify(body)}`);
  return { id: body.id, clientId: body.client_id, secret: body.client_secret, secretId: body.secrets[0].id };
}

/** One more secret of it. */
export async function anotherSecret(admin: Pick<Person, 'client'>, { id, clientId }: Registered, facts: object = {}): Promise<Registered> {
  const { status, body } = await admin.client.post(`/oauth_applications/${id}/secrets`, facts);
  if (status !== 201) throw new Error(`add: ${status} ${JSON.stringify(body)}`);
  return { id, clientId, secret: body.client_secret, secretId: body.id };
}

/** Speaks forms, as OAuth clients do. */
export function endpoint(world: World, path: string, base = world.instance.base) {
  return async (form: string | Record<string, string>, headers: Record<string, string> = {}): Promise<OAuthAnswer> => {
    const response = await fetch(`${base}/oauth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
}

/** As they are: nothing of an id or a secret of ours needs percent-encoding. */
export function basic({ clientId, secret }: Credentials): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` };
}

/** An access token of the application, and who calls with it. */
export async function accessToken(world: World, credentials: Credentials, scope?: string): Promise<{ token: string; client: Client }> {
  const { status, body } = await endpoint(world, 'token')({ ...GRANT, ...(scope !== undefined && { scope }) }, basic(credentials));
  if (status !== 200) throw new Error(`token: ${status} ${JSON.stringify(body)}`);
  return { token: body.access_token, client: world.bearer(body.access_token) };
}

/** The service's public address leads to the instance, as a proxy in front of it would. */
export function throughProxy(world: World) {
  return async (url: string, options: object): Promise<Response> => fetch(url.replace(ISSUER, world.instance.base), options);
}

/** What an answer says of itself, beside its body, as a table compares it. */
export function envelope({ status, headers, body }: OAuthAnswer): string {
  const { error = '' } = body as { error?: string };
  const said = ['www-authenticate', 'cache-control', 'pragma', 'content-language', 'content-type'].map((name) => headers.get(name) ?? '-');
  return [status, error, ...said].join(' | ');
}

/** The envelope of a refusal; a challenge only where HTTP Basic was tried (RFC 6749 §5.2). */
export function refusal(status: number, error: string, challenge = '-'): string {
  return [status, error, challenge, 'no-store', 'no-cache', 'en', 'application/json; charset=utf-8'].join(' | ');
}

export const BASIC_CHALLENGE = 'Basic realm="kiket", charset="UTF-8"';
