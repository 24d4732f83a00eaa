import { CompactSign, createLocalJWKSet, jwtVerify } from 'jose';
import { z } from 'zod';
import { ACCESS_LIFETIME_SECONDS, PRODUCT_ACCESS, PRODUCT_REFRESH } from './product-token.js';
import {
  BEGINNING,
  claims,
  clock,
  forge,
  HEADER,
  key,
  keys,
  published,
  refusal,
  refused,
  signedBy,
  signer,
  verifier,
} from './testing/forgery.js';
import type { IssuedClaims, TokenKind } from './token-kind.js';

afterEach(() => {
  clock.time = BEGINNING;
});

describe('a token of ours', () => {
  it('is verified and says what was signed', async () => {
    const access = signer.sign(claims(), PRODUCT_ACCESS);
    const refresh = signer.sign(claims({ type: 'refresh' }), PRODUCT_REFRESH);

    expect(await verifier.verify(access, PRODUCT_ACCESS)).toEqual(claims());
    expect(await verifier.verify(refresh, PRODUCT_REFRESH)).toEqual(claims({ type: 'refresh' }));
  });

  it('verifies with another library through the JWK set', async () => {
    const token = signer.sign(claims(), PRODUCT_ACCESS);
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet({ keys: [...keys.jwks().keys] }), {
      algorithms: ['ES256'],
      issuer: 'kiket.dev',
      typ: 'JWT',
      currentDate: clock.now(),
    });

    expect(payload).toEqual(claims());
    expect(protectedHeader).toEqual(HEADER);
  });

  it('verifies where another library signed it with our key', async () => {
    const token = await new CompactSign(Buffer.from(JSON.stringify(claims()))).setProtectedHeader(HEADER).sign(key.privateKey);

    expect(await verifier.verify(token, PRODUCT_ACCESS)).toEqual(claims());
  });

  it('verifies where it was made by hand, as the forgeries below are', async () => {
    expect(await verifier.verify(forge(), PRODUCT_ACCESS)).toEqual(claims());
  });

  it('verifies by a key that is published but does not sign', async () => {
    const token = forge({ header: { ...HEADER, kid: published.kid }, signature: signedBy(published) });

    expect(await verifier.verify(token, PRODUCT_ACCESS)).toEqual(claims());
  });

  it('may carry a claim that a newer version adds', async () => {
    expect(await verifier.verify(forge({ payload: { ...claims(), amr: ['pwd'] } }), PRODUCT_ACCESS)).toEqual(claims());
  });

  it('is expired from the second of its exp on, also where its signature is remembered', async () => {
    const token = signer.sign(claims(), PRODUCT_ACCESS);
    clock.time = new Date(BEGINNING.getTime() + ACCESS_LIFETIME_SECONDS * 1000 - 1);
    await verifier.verify(token, PRODUCT_ACCESS);

    clock.time = new Date(BEGINNING.getTime() + ACCESS_LIFETIME_SECONDS * 1000);
    await refused(token, 'token_expired');
  });

  it('may come from a clock five seconds ahead', async () => {
    await verifier.verify(forge({ payload: claims({ iat: clock.seconds + 5 }) }), PRODUCT_ACCESS);
    await refused(forge({ payload: claims({ iat: clock.seconds + 6 }) }));
  });

  it('of the other type is refused as such, expired or not', async () => {
    const refresh = signer.sign(claims({ type: 'refresh' }), PRODUCT_REFRESH);
    const access = signer.sign(claims(), PRODUCT_ACCESS);
    await refused(refresh, 'invalid_token_type');
    await expect(verifier.verify(access, PRODUCT_REFRESH)).rejects.toMatchObject(refusal('invalid_token_type'));

    clock.time = new Date('2031-01-01T00:00:00Z');
    await refused(refresh, 'invalid_token_type');
  });

  it('is judged by any time that the caller asks for', async () => {
    const token = signer.sign(claims(), PRODUCT_ACCESS);
    clock.time = new Date('2031-01-01T00:00:00Z');

    expect(await verifier.genuine(token, PRODUCT_ACCESS)).toMatchObject({ sub: '7' });
  });
});

describe('the JWK set', () => {
  it('shows every key, the signing one first, and no private part', () => {
    expect(keys.jwks()).toEqual({ keys: [key.published, published.published] });
    expect(JSON.stringify(keys.jwks())).not.toContain('"d"');
  });
});

describe('another sort of token', () => {
  const other: TokenKind<IssuedClaims> = {
    typ: 'other+jwt',
    claims: z.object({ iss: z.string(), iat: z.int(), exp: z.int() }),
    issuer: (config) => config.publicUrl,
    lifetime: () => 60,
    accepts: () => true,
  };
  const said = () => ({ iss: 'http://localhost:3000', iat: clock.seconds, exp: clock.seconds + 60 });

  it('is signed and verified with the same keys by what its kind says', async () => {
    expect(await verifier.verify(signer.sign(said(), other), other)).toEqual(said());
    await expect(verifier.verify(signer.sign({ ...said(), exp: clock.seconds + 61 }, other), other)).rejects.toMatchObject(
      refusal('invalid_token'),
    );
  });

  it('never passes for a token of ours, whatever it says, nor ours for it', async () => {
    await refused(signer.sign(claims(), other));
    await expect(verifier.verify(signer.sign(claims(), PRODUCT_ACCESS), other)).rejects.toMatchObject(
      refusal('invalid_token'),
    );
  });
});
