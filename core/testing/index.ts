// What plugin authors import as "masque/testing".

export { parseStanza, stanzasIn } from "../xmpp/parse.ts";
export { Actor, type JoinOptions } from "./actor.ts";
export { emptyStore } from "./empty-store.ts";
export { HandClock } from "./hand-clock.ts";
export { TestHost, type TestOptions, testHost } from "./test-host.ts";
