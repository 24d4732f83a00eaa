/** Action Cable's protocols, by the subprotocol that was agreed on; `plain` where none was offered. */
export type Protocol = 'plain' | 'v1' | 'ext';

const EXT = 'actioncable-v1-ext-json';
const V1 = 'actioncable-v1-json';
const UNSUPPORTED = 'actioncable-unsupported';
const TOKEN_PREFIX = 'anycable-token.';

/** The first of the client's that we speak, in its order; false where it offers none of them: never one that was not offered. */
export function chosenSubprotocol(offered: Iterable<string>): string | false {
  const names = [...offered];
  return names.find((name) => name === EXT || name === V1) ?? names.find((name) => name === UNSUPPORTED) ?? false;
}

export function protocolOf(subprotocol: string): Protocol {
  if (subprotocol === EXT) return 'ext';
  return subprotocol === '' ? 'plain' : 'v1';
}

/** The token among the offered subprotocols, where it stands in no URL; null where there is none. */
export function tokenAmong(subprotocols: string | undefined): string | null {
  const offered = (subprotocols ?? '').split(',').map((name) => name.trim());
  return offered.find((name) => name.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length) ?? null;
}

/** Why a connection is ended, and whether its client should come back. */
export const DISCONNECTS = {
  unauthorized: false,
  token_expired: false,
  remote: false,
  server_restart: true,
  too_slow: true,
  no_pong: true,
} as const;

export type DisconnectReason = keyof typeof DISCONNECTS;

export function disconnectFrame(reason: DisconnectReason): string {
  return JSON.stringify({ type: 'disconnect', reason, reconnect: DISCONNECTS[reason] });
}

export function pingFrame(now: Date): string {
  return JSON.stringify({ type: 'ping', message: Math.floor(now.getTime() / 1000) });
}

export type Answer = 'confirm_subscription' | 'reject_subscription' | 'confirm_history' | 'reject_history';

/** The identifier goes back to the letter. */
export function answerFrame(identifier: string, type: Answer): string {
  return JSON.stringify({ identifier, type });
}

/** How `message` stands in a data frame: the documentation's plain client parses it, official ones take it as it is. */
export type MessageForm = 'string' | 'object';

/** Where a notification stands in its stream, for clients that can ask for what they missed. */
export interface StreamPlace {
  readonly stream_id: string;
  readonly epoch: string;
  readonly offset: number;
}

/** A data frame around a message that is JSON already. */
export function dataFrame(identifier: string, message: string, form: MessageForm, place: StreamPlace | null): string {
  const body = form === 'string' ? JSON.stringify(message) : message;
  const beside = place === null ? '' : `,"stream_id":${JSON.stringify(place.stream_id)},"epoch":${JSON.stringify(place.epoch)},"offset":${place.offset}`;
  return `{"identifier":${JSON.stringify(identifier)},"message":${body}${beside}}`;
}
