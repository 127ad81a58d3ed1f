// What plugin authors import as "masque/testing".
export { Actor, type JoinOptions } from "./actor.ts";
export { emptyStore } from "./empty-store.ts";
export { HandClock } from "./hand-clock.ts";
export { parseStanza, stanzasIn } from "./parse.ts";
export { TestHost, type TestOptions, testHost } from "./test-host.ts";
