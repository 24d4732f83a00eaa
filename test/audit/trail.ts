import { Traffic } from '#access';
import type { World } from '../support/world.js';

/** What an act left behind, in order: `chain actor action target`, an absent id as `-`. */
export async function recorded(world: World, act: () => Promise<unknown>): Promise<string[]> {
  const last = await lastId(world);
  await act();
  const rows = await world.database.sql<{ line: string }>(
    `SELECT concat_ws(' ', chain, actor_type || ':' || coalesce(actor_id, '-'), action, target_type || ':' || coalesce(target_id, '-')) AS line
     FROM audit_entries WHERE id > $1 ORDER BY id`,
    [last],
  );
  return rows.map(({ line }) => line);
}

async function lastId(world: World): Promise<number> {
  const [row] = await world.database.sql<{ id: string }>('SELECT coalesce(max(id), 0) AS id FROM audit_entries');
  return Number(row?.id);
}

/** The id of the session that a token belongs to. */
export function sessionOf(token: string): number {
  return (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sid: number }).sid;
}

const TURN_MS = 25;

/** Waits so many seconds of this process's own, in which the instances live too: while it is not let run, none goes by. */
export async function eventually(check: () => Promise<boolean>, seconds = 30): Promise<void> {
  for (let turns = (seconds * 1000) / TURN_MS; !(await check()); turns -= 1) {
    if (turns <= 0) throw new Error(`it did not come to pass within ${seconds} seconds`);
    await new Promise((resolve) => setTimeout(resolve, TURN_MS));
  }
}

/** When what was done is sealed, counted, and heard by every reader of the feed: from then on nothing comes by itself. */
export async function settled(world: World): Promise<void> {
  await world.instance.app.get(Traffic).flush();
  await eventually(async () => {
    const [row] = await world.database.sql<{ behind: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM audit_pending) OR EXISTS (
         SELECT 1 FROM audit_feed_readers r
         WHERE r.position < greatest((SELECT max(position) FROM audit_seals), (SELECT max(position) FROM happenings))) AS behind`,
    );
    return row?.behind === false;
  });
}
