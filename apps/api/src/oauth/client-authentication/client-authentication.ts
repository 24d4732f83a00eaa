import type { IncomingHttpHeaders } from 'node:http';
import type { ReadClient } from '../storage/client-reader.js';

/** A request of a client to one of the endpoints that only clients may call, in the parts that prove who it is. */
export interface ClientRequest {
  readonly headers: IncomingHttpHeaders;
  /** The form, each parameter once; those without a value count as left out (RFC 6749 §3.2). */
  readonly form: Readonly<Record<string, string>>;
  readonly ip: string;
}

/** A client that has proven itself. */
export interface AuthenticatedClient {
  readonly client: ReadClient;
  /** By which of its own credentials: what it obtains dies with that. */
  readonly credential: string;
  /** The moment, by the database's clock. */
  readonly now: Date;
}

/** One way of proving oneself (RFC 6749 §2.3, RFC 7523 §2.2). */
export interface ClientAuthenticationMethod {
  readonly name: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';
  /** Whether the request tries it; two at once are refused. */
  isUsedBy(request: ClientRequest): boolean;
  /** Whom it claims to be. @throws invalid_request where that cannot be read */
  claim(request: ClientRequest): Claim;
}

/** Somebody's claim to be a client. */
export interface Claim {
  readonly clientId: string;
  /** False: nothing that could prove anybody's, so that the database is not asked who it is. */
  readonly isPlausible: boolean;
  /** Of the secret that it rests on; null: it rests on a key. */
  readonly digest: Buffer | null;
  /** Which credential of the client proves it; null: none does. The moment is by the database's clock. */
  prove(client: ReadClient, now: Date): Promise<string | null>;
}
