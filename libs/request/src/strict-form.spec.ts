import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type NextFunction, type Request, type Response } from 'express';
import { strictForm } from './strict-form.js';

const FORM = 'application/x-www-form-urlencoded';

let server: Server;
let base: string;
beforeAll(async () => {
  server = express()
    .use(strictForm)
    .use((request: Request, response: Response) => void response.json(request.body ?? null))
    .use((error: { code?: string }, _request: Request, response: Response, _next: NextFunction) => void response.status(400).json(error.code))
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

async function read(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = { 'content-type': FORM }, method = 'POST'): Promise<unknown> {
  return (await fetch(base, { method, headers, body })).json();
}

describe('a form', () => {
  it.each<[string, object]>([
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a=x+y%20z', { a: 'x y z' }],
    ['a=%2B%26%3D%25', { a: '+&=%' }],
    ['a%2Bb=1', { 'a+b': '1' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=%C3%A9', { a: 'é' }],
    ['a=é', { a: 'é' }],
    ['&a=1&&', { a: '1' }],
    ['', {}],
    ['a=&b&c=1', { c: '1' }],
    ['=x', { '': 'x' }],
  ])('%j is %j', async (body, form) => {
    expect(await read(body)).toEqual(form);
  });

  it.each(['a[]=1', 'scope%5B%5D=issues', 'scope[0]=issues', 'a]=1'])('is no list: %s', async (body) => {
    expect(await read(body)).toBe('malformed_request');
  });

  it('may name what Object.prototype names, and changes nothing by it', async () => {
    expect(await (await fetch(base, { method: 'POST', headers: { 'content-type': FORM }, body: '__proto__=x&constructor=y' })).text()).toBe('{"__proto__":"x","constructor":"y"}');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it.each(['application/x-www-form-urlencoded; charset=utf-8', 'application/x-www-form-urlencoded;charset="UTF-8"', 'Application/X-WWW-Form-URLEncoded'])('may come as %s', async (type) => {
    expect(await read('a=1', { 'content-type': type })).toEqual({ a: '1' });
  });

  it.each<[string, string]>([
    ['a parameter twice', 'a=1&a=1'],
    ['a parameter twice, once encoded', 'a=1&%61=1'],
    ['a parameter twice, once without a value', 'a=&a=1'],
    ['%zz', 'a=%zz'],
    ['%zz in a name', '%zz=1'],
    ['encoded bytes that are no UTF-8', 'a=%ff'],
    ['an encoded NUL', 'a=%00'],
    ['a NUL', 'a=\0'],
    ['101 parameters', Array.from({ length: 101 }, (_, index) => `p${index}=1`).join('&')],
  ])('is malformed by %s', async (_, body) => {
    expect(await read(body)).toBe('malformed_request');
  });

  it('is malformed by bytes that are no UTF-8, or by a packing', async () => {
    expect(await read(new Uint8Array([0x61, 0x3d, 0xff]))).toBe('malformed_request');
    expect(await read('a=1', { 'content-type': FORM, 'content-encoding': 'gzip' })).toBe('malformed_request');
  });

  it.each(['application/json', 'multipart/form-data; boundary=x', 'text/plain', `${FORM}; charset=iso-8859-1`, `${FORM}, application/json`, `${FORM}x`])('does not come as %s', async (type) => {
    expect(await read('a=1', { 'content-type': type })).toBe('unsupported_media_type');
  });

  it('has 100 KB at most', async () => {
    expect(await read(`a=${'x'.repeat(102_398)}`)).toEqual({ a: 'x'.repeat(102_398) });
    expect(await read(`a=${'x'.repeat(102_399)}`)).toBe('payload_too_large');
  });

  it('comes by POST: of other methods nothing is read', async () => {
    expect(await read('a=1&a=1', { 'content-type': FORM }, 'PUT')).toBeNull();
  });
});
