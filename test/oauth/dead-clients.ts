import { Secrets } from '#secrets';
import type { World } from '../support/world.js';
import { anotherSecret, application, type Credentials } from './application.js';

/** Clients that may have no token, each for another reason, by what they would show. */
export async function deadClients(world: World): Promise<Record<string, Credentials>> {
  const query = async (text: string, values: readonly unknown[] = []) => world.database.sql(text, values);
  const admin = await world.register();
  const neighbour = await world.register();
  const abroad = await world.register({ product: 'kanzlei' });
  const [living, deleted, revoked, expired, suspended, retired] = [
    await application(admin), await application(admin), await application(admin), await application(admin), await application(neighbour), await application(abroad),
  ];
  await admin.client.delete(`/oauth_applications/${deleted.id}`);
  await admin.client.delete(`/oauth_applications/${revoked.id}/secrets/${revoked.secretId}`);
  await query(`UPDATE oauth_secrets SET expires_at = now() - interval '1 second' WHERE id = $1`, [expired.secretId]);
  await query('UPDATE organizations SET suspended_at = now() WHERE id = $1', [neighbour.organizationId]);
  await query(`UPDATE products SET active = false WHERE slug = 'kanzlei'`);
  const never = new Secrets().generate('kcs_').plaintext;
  return {
    'an unknown client': { clientId: 'app_unknown', secret: living.secret },
    'a wrong secret': { clientId: living.clientId, secret: never },
    'a secret that is none': { clientId: living.clientId, secret: 'wrong' },
    'a secret of another case': { clientId: living.clientId, secret: living.secret.toUpperCase() },
    'a name of another case': { clientId: living.clientId.toUpperCase(), secret: living.secret },
    'another application’s secret': { clientId: living.clientId, secret: (await anotherSecret(admin, revoked)).secret },
    'a deleted application': deleted,
    'a revoked secret': revoked,
    'an expired secret': expired,
    'a suspended organization': suspended,
    'a product that is switched off': retired,
  };
}
