declare module "@xmpp/xml" {
  import type { EventEmitter } from "node:events";

  class Parser extends EventEmitter {
    root: unknown;
    cursor: unknown;
    write(text: string): void;
    onStartElement(name: string, attrs: Record<string, string>): void;
    onEndElement(name: string): void;
    onText(text: string): void;
  }
  const xmpp: { Element: new (name: string) => object; Parser: typeof Parser };
  export default xmpp;
}

declare module "@xmpp/component" {
  import type { EventEmitter } from "node:events";
  import type { Socket, TcpSocketConnectOpts } from "node:net";

  interface Parser extends EventEmitter {
    write(text: string): void;
  }

  /** What `component()` returns: the inside of @xmpp/component 0.13.1 that core/xmpp/stream.ts stands on. */
  export interface Component extends EventEmitter {
    timeout: number;
    status: string;
    socket: Socket | null;
    parser: Parser | null;
    root: object | null;
    reconnect: { stop(): void };
    Parser: new () => Parser;
    socketParameters: () => TcpSocketConnectOpts;
    // biome-ignore lint/suspicious/noExplicitAny: elements are typed where they are used
    _onElement: (element: any) => void;
    _onData: (data: Buffer) => void;
    connect(service: string): Promise<unknown>;
    open(options: { domain: string }): Promise<unknown>;
  }

  export function component(options: { service: string; domain: string; password: string }): Component;
}
