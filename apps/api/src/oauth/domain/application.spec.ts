import { Scopes } from '#domain';
import { Application, type ApplicationFacts } from './application.js';

const BEGINNING = new Date('2030-01-01T12:00:00Z');
const LATER = new Date('2030-01-02T12:00:00Z');
const PLACE = { organizationId: 1, serviceUserId: 2, clientId: 'app_1' };
const FACTS: ApplicationFacts = { name: 'Sync', scopes: Scopes.of('issues'), accessTokenTtl: 600, jwks: null };

const registered = () => Application.register(PLACE, FACTS, BEGINNING);

describe('an application', () => {
  it('is registered as it was asked for', () => {
    expect(registered()).toEqual({ ...PLACE, ...FACTS, createdAt: BEGINNING, updatedAt: BEGINNING, deletedAt: null });
  });

  it.each<[Partial<ApplicationFacts>]>([[{}], [{ name: 'Renamed' }], [{ scopes: Scopes.of('issues:read') }], [{ accessTokenTtl: 60 }], [{ jwks: [{ kty: 'EC', alg: 'ES256', kid: 'a' }] }]])('changes by %j and in nothing else', (changes) => {
    const application = registered();
    application.update(changes, LATER);
    expect(application).toEqual({ ...registered(), ...changes, updatedAt: LATER });
  });

  it('loses its keys where they are taken from it', () => {
    const application = Application.register(PLACE, { ...FACTS, jwks: [{ kty: 'EC', alg: 'ES256', kid: 'a' }] }, BEGINNING);
    application.update({ jwks: null }, LATER);
    expect(application.jwks).toBeNull();
  });

  it('is deleted once: the first date stays', () => {
    const application = registered();
    application.delete(BEGINNING);
    application.delete(LATER);
    expect(application.deletedAt).toBe(BEGINNING);
  });
});
