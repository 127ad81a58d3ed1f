declare module "@xmpp/client" {
  import type { EventEmitter } from "node:events";
  import type { Child, Element } from "../../core/xmpp/xml.ts";

  /** The part of @xmpp/client 0.14 that the tests use. */
  interface Client extends EventEmitter {
    readonly iqCaller: { request(iq: Element, timeout?: number): Promise<Element> };
    /** A question that no handler is there for is answered `service-unavailable`. */
    readonly iqCallee: { get(namespace: string, name: string, answer: () => Promise<Element>): void };
    start(): Promise<unknown>;
    stop(): Promise<unknown>;
    send(stanza: Element): Promise<void>;
  }

  /** Chooses what to log in with. */
  type Credentials = (
    authenticate: (account: { username: string; password: string }, mechanism: string) => Promise<void>,
  ) => Promise<void>;

  export function client(options: {
    service: string;
    domain: string;
    resource: string;
    credentials: Credentials;
  }): Client;
  export function xml(name: string, attrs?: Record<string, string | undefined>, ...children: Child[]): Element;
}
