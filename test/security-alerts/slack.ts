import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface SlackMessage {
  readonly path: string;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Stands in for Slack: keeps what it is sent, and answers as it is told. */
export class SlackStandIn {
  readonly received: SlackMessage[] = [];
  /** How often it was called, accepted or not. */
  calls = 0;
  /** Null: it never answers. */
  answer: { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | null = { status: 200 };

  private constructor(private readonly server: Server) {}

  static async open(): Promise<SlackStandIn> {
    const opened: { slack?: SlackStandIn } = {};
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { slack } = opened;
        if (slack === undefined) return;
        slack.calls += 1;
        if (slack.answer === null) return;
        const { status, headers } = slack.answer;
        const body = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}') as { text?: string };
        if (status === 200) slack.received.push({ path: request.url ?? '', text: body.text ?? '', body });
        response.writeHead(status, headers).end('ok');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    opened.slack = new SlackStandIn(server);
    return opened.slack;
  }

  url(path = '/services/T000/B000/XYZsecret1234'): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  /** A message that fits; waits for it up to `seconds`. */
  async message(fits: (message: SlackMessage) => boolean, seconds = 30): Promise<SlackMessage> {
    for (const deadline = Date.now() + seconds * 1000; ; ) {
      const found = this.received.find(fits);
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`no such message came to Slack: ${JSON.stringify(this.received.map(({ text }) => text))}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
