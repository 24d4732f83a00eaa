import type { Answer } from '../support/client.js';
import { type ReceivedMail, tokenIn } from '../support/mailbox.js';
import type { Person, World } from '../support/world.js';

interface Invitee {
  readonly email?: string;
  readonly name?: string;
  readonly role?: 'admin' | 'member' | 'viewer';
  /** Where the mail is expected, if not at the typed address. */
  readonly mailedTo?: string;
}

interface Invitation {
  // The member as the API answers.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly member: any;
  readonly mail: ReceivedMail;
  readonly token: string;
}

/** Invites somebody, and waits for the mail that this very call causes. */
export async function invite(world: World, admin: Person, { email = world.freshEmail(), name = 'Eva Malá', role = 'member', mailedTo = email }: Invitee = {}): Promise<Invitation> {
  const earlier = new Set(world.mailbox.received);
  const answer = await admin.client.post('/users', { user: { email, name, role } });
  if (answer.status !== 201) throw new Error(`invite: ${answer.status} ${JSON.stringify(answer.body)}`);
  const mail = await world.mailbox.invitation(mailedTo, (one) => !earlier.has(one));
  return { member: answer.body, mail, token: tokenIn(mail) };
}

export async function accept(world: World, token: unknown, rest: object = {}): Promise<Answer> {
  return world.visitor.post('/auth/accept_invitation', { token, ...rest });
}

/** A status and an error code, as a table compares them. */
export function verdict({ status, body }: Answer): string {
  return typeof body === 'object' && body !== null && 'error' in body ? `${status} ${String(body.error)}` : String(status);
}
