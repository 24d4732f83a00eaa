/** What the tests use of the official client, which brings no types. */
declare module '@rails/actioncable' {
  export interface Callbacks {
    connected?(): void;
    disconnected?(): void;
    rejected?(): void;
    received?(message: unknown): void;
  }
  export interface Subscription {
    perform(action: string, data: object): boolean;
    unsubscribe(): void;
  }
  export interface Consumer {
    readonly subscriptions: { create(channel: string | object, callbacks: Callbacks): Subscription };
    addSubProtocol(name: string): void;
    disconnect(): void;
  }
  export const adapters: { WebSocket: unknown };
  export function createConsumer(url: string): Consumer;
}
