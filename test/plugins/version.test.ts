import { NS, xml } from "masque";
import { testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { COVEN, disco, features, outcome, SERVICE } from "../core/channel/replies.ts";

const PLUGINS = { channels: {}, participants: {}, messages: {}, version: {} };
const question = () => xml("query", { xmlns: NS.VERSION });

describe("version", () => {
  it("tells the natural-language name and the version of the software (XEP-0092 §2)", async () => {
    const reply = await testHost([], { plugins: PLUGINS }).actor("hecate").asks("get", SERVICE, question());
    const query = reply.getChild("query", NS.VERSION);
    expect(query?.getChildText("name")).toBe("Masque");
    expect(query?.getChildText("version")).toBe("0.0.0-test");
  });

  it("does not tell the operating system: it may open the service to attacks directed against it (XEP-0092 §5)", async () => {
    const reply = await testHost([], { plugins: PLUGINS }).actor("hecate").asks("get", SERVICE, question());
    const told = reply.getChild("query", NS.VERSION)?.getChildElements() ?? [];
    expect(told.map(({ name }) => name)).toEqual(["name", "version"]);
  });

  it("is a feature of the service, and of no channel (XEP-0092 §4)", async () => {
    const { hecate } = await testHost([], { plugins: PLUGINS }).coven("hecate");
    expect(features(await hecate.asks("get", SERVICE, disco("info")))).toContain(NS.VERSION);
    expect(features(await hecate.asks("get", COVEN, disco("info")))).not.toContain(NS.VERSION);
    expect(outcome(await hecate.asks("get", COVEN, question()))).toBe("service-unavailable");
  });

  it("leaves no trace when it is off: service-unavailable, and no feature (XEP-0092 §3)", async () => {
    const host = testHost([], { plugins: PLUGINS });
    const hecate = host.actor("hecate");
    await host.start();
    await host.engine.host.disable("version");
    expect(outcome(await hecate.asks("get", SERVICE, question()))).toBe("service-unavailable");
    expect(features(await hecate.asks("get", SERVICE, disco("info")))).not.toContain(NS.VERSION);
  });
});
