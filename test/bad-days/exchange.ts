import { once } from 'node:events';
import { type Agent, request } from 'node:http';

export interface Exchange {
  readonly status: number;
  readonly body: string;
  readonly connection: string | undefined;
  /** Why there is no whole answer; status and body then mean nothing. */
  readonly failure?: string;
}

export interface Sent {
  /** Its last byte has gone out on an open connection. */
  readonly sent: Promise<unknown>;
  readonly answer: Promise<Exchange>;
}

interface Request {
  readonly agent: Agent | false;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** One request on a connection of the caller's choice, with the moment at which it is on its way. */
export function send(url: string, { agent, method = 'GET', headers = {}, body }: Request): Sent {
  const outgoing = request(url, { agent, method, headers: { ...headers, ...(body && { 'content-type': 'application/json' }) } });
  const answer = new Promise<Exchange>((resolve) => {
    const fail = ({ code, message }: NodeJS.ErrnoException) => resolve({ status: 0, body: '', connection: undefined, failure: code ?? message });
    outgoing.once('error', fail);
    outgoing.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.once('error', fail);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text, connection: response.headers.connection }));
    });
  });
  const sent = once(outgoing, 'finish').catch(() => undefined);
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  return { sent, answer };
}

/** A status and an error code, or why there is neither. */
export function verdictOf({ status, body, failure }: Exchange): string {
  if (failure !== undefined) return failure;
  const { error } = JSON.parse(body) as { error?: string };
  return error === undefined ? String(status) : `${status} ${error}`;
}
