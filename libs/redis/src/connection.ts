import { createClient } from '@redis/client';

const RECONNECT_MS = 500;
const CONNECT_MS = 2_000;
/** A connection on which nothing moves for so long is given up for a new one; the pings keep a healthy one moving. */
const SILENCE_MS = 5_000;
const PING_MS = 2_000;

export type RedisConnection = ReturnType<typeof connection>;

/** A client that connects again by itself for as long as it takes, and refuses at once while it has no connection. */
export function connection(url: string, keyPrefix: string) {
  return createClient({
    url,
    keyPrefix,
    name: 'kiket-auth',
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    pingInterval: PING_MS,
    socket: { connectTimeout: CONNECT_MS, socketTimeout: SILENCE_MS, reconnectStrategy: RECONNECT_MS },
    // Whoever asks is bounded by `inTime`; a second timer a command would only cost.
    commandOptions: { timeout: undefined },
  });
}
