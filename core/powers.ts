import type { Duration } from "./host/duration.ts";
import type { Context, Powers } from "./host/plugin.ts";
import type { Scope } from "./host/scope.ts";
import type { Store } from "./storage/store.ts";
import { keptValues, type Values } from "./storage/values.ts";
import type { FeatureList } from "./xmpp/features.ts";
import type { Requests } from "./xmpp/requests.ts";
import type { Element } from "./xmpp/xml.ts";

declare module "./host/plugin.ts" {
  interface Powers {
    /** Sends a stanza; text is taken as a stanza already serialized. False when the stream is down, and it is lost. */
    send(stanza: Element | string): boolean;
    /**
     * Sends an iq to a prepared JID and waits for its reply, 30 s unless told otherwise.
     * @throws an error reply as a StanzaError; an AbortError when the plugin stops
     */
    request(iq: Element, timeout?: Duration): Promise<Element>;
    /** Advertises a feature while the plugin runs (XEP-0030). */
    feature(namespace: string, where: "service" | "channel" | "both"): void;
    /** What the plugin keeps for ever, by key, under a name of its own; JSON values. */
    store<T>(name: string): Promise<Values<T>>;
  }
}

const REPLY_WITHIN: Duration = 30_000;

export interface PowerSources {
  readonly send: (stanza: Element | string) => boolean;
  readonly requests: Requests;
  readonly features: FeatureList;
  readonly store: Store;
}

/** What the engine gives each plugin besides the kernel's own powers. */
export function powersFor({ send, requests, features, store }: PowerSources) {
  return (ctx: Context, scope: Scope): Powers => ({
    send,
    request: (iq, timeout = REPLY_WITHIN) => requests.request(iq, timeout, scope.signal),
    feature: (namespace, where) => ctx.cleanup(`feature ${namespace}`, features.add(namespace, where)),
    store: (name) => keptValues(store, `${ctx.name}/${name}`, (end) => ctx.cleanup(`watch of ${name}`, end)),
  });
}
