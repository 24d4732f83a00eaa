import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** By lower-case name; a repeated one is joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  // A test reads answers as a client would: by looking.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

/** Writes bytes to a server as no HTTP client would, and reads its answer. */
export async function rawRequest(base: string, bytes: string): Promise<RawAnswer> {
  return parse(await rawAnswer(base, bytes));
}

/** The same as the text that comes back until the server closes. */
export async function rawAnswer(base: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    // A server that refuses early closes while we still write: what it said before counts.
    socket.on('error', (error) => (chunks.length > 0 ? resolve() : reject(error)));
    socket.on('close', () => resolve());
    socket.setTimeout(10_000, () => socket.destroy(new Error('the server does not answer')));
    socket.write(bytes);
  });
  return Buffer.concat(chunks).toString('utf8');
}

/** A request's head and body with their line ends; it asks the server to close, so that the answer has an end. */
export function requestBytes(line: string, headers: readonly string[] = [], body = ''): string {
  return [`${line} HTTP/1.1`, 'Host: auth.test', 'Connection: close', ...headers, '', body].join('\r\n');
}

function parse(answer: string): RawAnswer {
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase();
    const value = line.slice(line.indexOf(':') + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const text = rest.join('\r\n\r\n');
  const isJson = headers['content-type']?.startsWith('application/json') === true && text !== '';
  return { status: Number(statusLine.split(' ')[1]), headers, body: isJson ? JSON.parse(text) : text };
}
