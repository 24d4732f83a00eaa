import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { FALLBACK_LOCALE } from '#domain';
import type { Translator } from '#locale';
import type { Secrets } from '#secrets';

const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 30_000;

const MALFORMED = { status: '400 Bad Request', code: 'malformed_request' } as const;
const HEADERS_TOO_LARGE = { status: '431 Request Header Fields Too Large', code: 'payload_too_large' } as const;

/** The parser counts the request's line among the headers, of which it takes 16 KB; a line of such a length is no request. */
const ENDLESS_LINE = /^[A-Z]+ [^\r\n]{16000}/;

/** Answers what is no HTTP request, or one with too many headers, before any of our code could see it. */
export function answerBrokenRequests(server: Server, secrets: Secrets, translator: Translator): void {
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.on('clientError', (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy();
    const { status, code } = error.code === 'HPE_HEADER_OVERFLOW' && !ENDLESS_LINE.test(error.rawPacket?.toString('latin1') ?? '') ? HEADERS_TOO_LARGE : MALFORMED;
    const requestId = secrets.randomId();
    const body = JSON.stringify({ error: code, message: translator.sentence(FALLBACK_LOCALE, `errors.${code}`), request_id: requestId });
    const head = [
      `HTTP/1.1 ${status}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `Content-Language: ${FALLBACK_LOCALE}`,
      `X-Request-Id: ${requestId}`,
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
    return undefined;
  });
}
