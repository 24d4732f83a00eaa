import type { Person, World } from '../support/world.js';

interface Facts {
  readonly type?: string;
  readonly title?: string;
  readonly message?: string;
  readonly url?: string | null;
}

/** Sends one notification to members as an integration does; its ids, in the order of the members' inboxes. */
export async function tell(sender: Pick<Person, 'client'>, to: readonly Pick<Person, 'id'>[], facts: Facts = {}): Promise<number[]> {
  const notification = { user_ids: to.map(({ id }) => id), type: 'news', title: 'News', message: 'There is news.', url: '/news', ...facts };
  const { status, body } = await sender.client.post('/notifications', { notification });
  if (status !== 201) throw new Error(`tell: ${status} ${JSON.stringify(body)}`);
  return (body.notifications as { id: number }[]).map(({ id }) => id);
}

/** One after the other, to one member. */
export async function tellInTurn(sender: Pick<Person, 'client'>, to: Pick<Person, 'id'>, titles: readonly string[]): Promise<void> {
  for (const title of titles) await tell(sender, [to], { title });
}

export const names = (count: number, first = 1): string[] => Array.from({ length: count }, (_, index) => `news ${first + index}`);

/** Where a member's stream is told from the beginning. */
export async function streamIn(world: World, person: Person): Promise<{ id: string; epoch: string }> {
  const [row] = await world.database.sql<{ id: string; epoch: string }>(
    'SELECT m.id, i.epoch FROM inboxes i JOIN memberships m ON m.id = i.membership_id WHERE m.user_id = $1 AND m.organization_id = $2',
    [person.id, person.organizationId],
  );
  return { id: `notifications:${row?.id}`, epoch: row?.epoch ?? '' };
}

/** Somebody whose session began so many minutes ago. */
export async function signedIn(world: World, minutesAgo: number): Promise<Person> {
  world.clock.advance({ minutes: -minutesAgo });
  try {
    return await world.register();
  } finally {
    world.clock.advance({ minutes: minutesAgo });
  }
}
