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

/** Somebody whose session began so many minutes ago. */
export async function signedIn(world: World, minutesAgo: number): Promise<Person> {
  world.clock.advance({ minutes: -minutesAgo });
  try {
    return await world.register();
  } finally {
    world.clock.advance({ minutes: minutesAgo });
  }
}
