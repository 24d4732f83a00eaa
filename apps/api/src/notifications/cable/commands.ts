const CHANNEL = 'NotificationsChannel';
/** Far more than any client's identifier has; it is kept for as long as the connection lives. */
const LONGEST_IDENTIFIER = 4_096;

/** What a client asks to be told again. */
export interface HistoryRequest {
  readonly since: number | null;
  readonly streams: Readonly<Record<string, unknown>>;
}

export type Command =
  | { readonly command: 'subscribe'; readonly identifier: string; readonly history: HistoryRequest | null }
  | { readonly command: 'unsubscribe'; readonly identifier: string }
  | { readonly command: 'message'; readonly identifier: string; readonly data: Fields }
  | { readonly command: 'history'; readonly identifier: string; readonly history: HistoryRequest };

type Fields = Readonly<Record<string, unknown>>;

/** What a frame says; null for what is no command of ours, which is ignored. */
export function parseCommand(text: string): Command | null {
  const frame = objectIn(text);
  if (frame === null) return null;
  const { command, identifier } = frame;
  if (typeof identifier !== 'string') return null;
  switch (command) {
    case 'subscribe':
      return { command, identifier, history: historyOf(frame['history']) };
    case 'unsubscribe':
      return { command, identifier };
    case 'message': {
      const data = typeof frame['data'] === 'string' ? objectIn(frame['data']) : null;
      return data === null ? null : { command, identifier, data };
    }
    case 'history': {
      const history = historyOf(frame['history']);
      return history === null ? null : { command, identifier, history };
    }
    default:
      return null;
  }
}

/** What a subscription asks for; null where it asks for another channel. */
export interface ChannelRequest {
  readonly form: 'string' | 'object' | null;
  /** What is newer than this notification is told after the confirmation. */
  readonly since: number | null;
}

export function channelRequest(identifier: string): ChannelRequest | null {
  if (identifier.length > LONGEST_IDENTIFIER) return null;
  const asked = objectIn(identifier);
  if (asked === null || !Object.hasOwn(asked, 'channel') || asked['channel'] !== CHANNEL) return null;
  const { message_format: form, since } = asked;
  return {
    form: form === 'string' || form === 'object' ? form : null,
    since: Number.isSafeInteger(since) && (since as number) >= 0 ? (since as number) : null,
  };
}

function historyOf(value: unknown): HistoryRequest | null {
  if (!isObject(value)) return null;
  const { since, streams } = value;
  return { since: typeof since === 'number' && Number.isFinite(since) ? since : null, streams: isObject(streams) ? streams : {} };
}

function objectIn(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
