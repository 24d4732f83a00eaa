export interface Answer {
  readonly status: number;
  // A test reads answers as a client would: by looking.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
  readonly headers: Headers;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';

/** Speaks to one instance over HTTP, with the same headers each time. */
export class Client {
  constructor(
    readonly base: string,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  with(headers: Readonly<Record<string, string>>): Client {
    return new Client(this.base, { ...this.headers, ...headers });
  }

  bearer(token: string): Client {
    return this.with({ authorization: `Bearer ${token}` });
  }

  product(slug: string): Client {
    return this.with({ 'x-product-slug': slug });
  }

  /** The same caller at another instance. */
  at(base: string): Client {
    return new Client(base, this.headers);
  }

  async send(method: Method, path: string, body?: unknown): Promise<Answer> {
    const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
    const response = await fetch(`${this.base}${path}`, {
      method,
      headers: { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...this.headers },
      redirect: 'manual',
      ...(text === undefined ? {} : { body: text }),
    });
    const answer = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: response.status, body: isJson && answer !== '' ? JSON.parse(answer) : answer, headers: response.headers };
  }

  get = (path: string) => this.send('GET', path);
  post = (path: string, body?: unknown) => this.send('POST', path, body);
  put = (path: string, body?: unknown) => this.send('PUT', path, body);
  patch = (path: string, body?: unknown) => this.send('PATCH', path, body);
  delete = (path: string) => this.send('DELETE', path);
}
