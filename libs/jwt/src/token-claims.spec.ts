import { ACCESS_LIFETIME_SECONDS, PRODUCT_REFRESH, type ProductClaims, REFRESH_LIFETIME_SECONDS } from './product-token.js';
import { claims, clock, forge, refusal, refused, signedBy, stranger, verifier } from './testing/forgery.js';

describe('a claim', () => {
  it.each(Object.keys(claims()))('is required: %s', async (name) => {
    await refused(forge({ payload: { ...claims(), [name]: undefined } }));
  });

  const never = [null, true, {}, [], [['x']], -1, 1.5, 1e308, '', '__proto__'];
  const wrong: Record<keyof ProductClaims, unknown[]> = {
    iss: [...never, 7, 'kiket.dev/', 'KIKET.DEV', 'https://kiket.dev', ['kiket.dev']],
    sub: [...never, 7, '0', '07', '-7', '+7', '7.0', '7e3', '0x7', ' 7', '7\n', '７', '12345678901234567', '9999999999999999', "1' OR '1'='1"],
    org: [...never, '42', 0, 2 ** 53, [42]],
    product: [...never, 7, 'A b', 'spravce gdpr', '../x', 'SPRAVCE-GDPR', ['spravce-gdpr'], 'x'.repeat(64)],
    scopes: [null, true, {}, 'issues', 7, [7], [null], [['issues']], { 0: 'issues', length: 1 }],
    type: [...never, 'Access', 'access ', 'id', ['access'], 7],
    iat: [...never, '1893499200', 2 ** 53, '1e9'],
    exp: [...never, '1893502800', 2 ** 53, '1e9'],
    jti: [null, true, {}, [], 7, '', 'x'.repeat(129)],
    sid: [...never, '9', 0, 2 ** 53, [9]],
  };

  const faults = Object.entries(wrong).flatMap(([name, values]) => values.map((value) => [name, value] as const));

  it.each(faults)('%s is refused where it is %j', async (name, value) => {
    await refused(forge({ payload: { ...claims(), [name]: value } }));
  });

  it.each<[string, () => Partial<ProductClaims>]>([
    ['exp a second after the longest life of an access token', () => ({ exp: clock.seconds + ACCESS_LIFETIME_SECONDS + 1 })],
    ['exp as late as a refresh token may', () => ({ exp: clock.seconds + REFRESH_LIFETIME_SECONDS })],
    ['exp in a hundred years', () => ({ exp: clock.seconds + 3_153_600_000 })],
    ['exp at iat', () => ({ exp: clock.seconds })],
    ['exp before iat', () => ({ iat: clock.seconds, exp: clock.seconds - 1 })],
    ['iat an hour ahead', () => ({ iat: clock.seconds + 3600, exp: clock.seconds + 7200 })],
    ['iat so early that the life is too long', () => ({ iat: 0 })],
  ])('is refused: %s', async (_, changes) => {
    await refused(forge({ payload: claims(changes()) }));
  });

  it('exp of a refresh token may be 30 days after iat and no second later', async () => {
    const exp = clock.seconds + REFRESH_LIFETIME_SECONDS;
    const latest = forge({ payload: claims({ type: 'refresh', exp }) });
    const later = forge({ payload: claims({ type: 'refresh', exp: exp + 1 }) });

    expect(await verifier.verify(latest, PRODUCT_REFRESH)).toMatchObject({ exp });
    await expect(verifier.verify(later, PRODUCT_REFRESH)).rejects.toMatchObject(refusal('invalid_token'));
  });

  it('is not believed before the signature: a forged expired token is invalid, not expired', async () => {
    const expired = { iat: clock.seconds - 7200, exp: clock.seconds - 3600 };
    await refused(forge({ payload: claims(expired) }), 'token_expired');
    await refused(forge({ payload: claims(expired), signature: signedBy(stranger) }), 'invalid_token');
    await refused(forge({ payload: claims({ type: 'refresh' }), signature: signedBy(stranger) }), 'invalid_token');
  });
});
