import { definePlugin, iq, NS, xml } from "masque";
import { testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { COVEN, disco, features, outcome, SERVICE } from "../core/channel/replies.ts";

const PLUGINS = { channels: {}, participants: {}, messages: {}, ping: {} };
const ping = () => xml("ping", { xmlns: NS.PING });

describe("ping", () => {
  it("answers a ping to the service with an empty result (XEP-0199 §4.4)", async () => {
    const reply = await testHost([], { plugins: PLUGINS }).actor("hecate").asks("get", SERVICE, ping());
    expect(outcome(reply)).toBe("result");
    expect(reply.children).toEqual([]);
  });

  it("answers a ping to a channel, also to one who is not in it", async () => {
    const { host } = await testHost([], { plugins: PLUGINS }).coven("hecate");
    const reply = await host.actor("hag66").asks("get", COVEN, ping());
    expect(outcome(reply)).toBe("result");
    expect(reply.children).toEqual([]);
  });

  it("does not let a ping find out whether a channel exists that does not", async () => {
    const host = testHost([], { plugins: PLUGINS });
    expect(outcome(await host.actor("hag66").asks("get", COVEN, ping()))).toBe("item-not-found");
  });

  it("reports the feature urn:xmpp:ping of the service and of its channels (XEP-0199 §5)", async () => {
    const { hecate } = await testHost([], { plugins: PLUGINS }).coven("hecate");
    expect(features(await hecate.asks("get", SERVICE, disco("info")))).toContain(NS.PING);
    expect(features(await hecate.asks("get", COVEN, disco("info")))).toContain(NS.PING);
  });

  it("is a question, not a command: a ping of type set is nobody's", async () => {
    const { hecate } = await testHost([], { plugins: PLUGINS }).coven("hecate");
    expect(outcome(await hecate.asks("set", SERVICE, ping()))).toBe("service-unavailable");
    expect(outcome(await hecate.asks("set", COVEN, ping()))).toBe("service-unavailable");
  });

  it("leaves no trace when it is off: service-unavailable, and no feature (XEP-0199 §4.1)", async () => {
    const { hecate, host } = await testHost([], { plugins: PLUGINS }).coven("hecate");
    await host.engine.host.disable("ping");
    for (const address of [SERVICE, COVEN]) {
      expect(outcome(await hecate.asks("get", address, ping()))).toBe("service-unavailable");
      expect(features(await hecate.asks("get", address, disco("info")))).not.toContain(NS.PING);
    }
  });

  it("lets another plugin answer before it", async () => {
    const busy = definePlugin({
      name: "busy",
      summary: "Answers pings by itself.",
      setup: ({ handle }) => handle(iq.get("service", NS.PING, "ping"), () => xml("busy"), 1),
    });
    const reply = await testHost([busy], { plugins: { ...PLUGINS, busy: {} } })
      .actor("hecate")
      .asks("get", SERVICE, ping());
    expect(reply.getChild("busy")).toBeDefined();
  });
});
