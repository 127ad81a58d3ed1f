import { Channels, definePlugin, Features, iq, refuse, type Values, xml } from "masque";
import { emptyStore, HandClock, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";

describe("a plugin's powers over the wire", () => {
  it("let it advertise a feature while it runs, and no longer", async () => {
    const herbs = definePlugin({
      name: "herbs",
      summary: "Herbs.",
      setup: ({ feature }) => feature("urn:herbs", "both"),
    });
    const host = await testHost([herbs]).start();
    expect(host.use(Features).of("service")).toContain("urn:herbs");
    await host.engine.host.disable("herbs");
    expect(host.use(Features).of("service")).not.toContain("urn:herbs");
    expect(host.use(Features).of("channel")).not.toContain("urn:herbs");
  });

  it("keep a feature advertised while another plugin still wants it", async () => {
    const one = definePlugin({ name: "one", summary: "One.", setup: ({ feature }) => feature("urn:herbs", "service") });
    const two = definePlugin({ name: "two", summary: "Two.", setup: ({ feature }) => feature("urn:herbs", "service") });
    const host = await testHost([one, two]).start();
    await host.engine.host.disable("one");
    expect(host.use(Features).of("service")).toContain("urn:herbs");
  });

  it("let it send a stanza as an element or as text", async () => {
    const caller = definePlugin({
      name: "caller",
      summary: "Calls.",
      setup({ send }) {
        send(xml("message", { to: "hecate@shakespeare.example", id: "a" }));
        send("<message to='hecate@shakespeare.example' id='b'/>");
      },
    });
    const host = await testHost([caller]).start();
    expect(host.sentTo("hecate@shakespeare.example").map(({ attrs }) => attrs.id)).toEqual(["a", "b"]);
  });

  it("let it ask somebody, and give up after 30 seconds", async () => {
    let outcome: unknown;
    const curious = definePlugin({
      name: "curious",
      summary: "Asks.",
      setup({ request }) {
        const ping = xml(
          "iq",
          { type: "get", to: "hecate@shakespeare.example" },
          xml("ping", { xmlns: "urn:xmpp:ping" }),
        );
        request(ping).catch((error) => {
          outcome = error;
        });
      },
    });
    const host = await testHost([curious]).start();
    expect(host.clock).toBeInstanceOf(HandClock);
    host.clock.advance(29_999);
    await host.settled();
    expect(outcome).toBeUndefined();
    host.clock.advance(1);
    await host.settled();
    expect(outcome).toMatchObject({ condition: "remote-server-timeout" });
  });
});

describe("what a plugin keeps", () => {
  const keeper = (use: (values: Values<number>) => void | Promise<void>, name = "keeper") =>
    definePlugin({
      name,
      summary: "Keeps.",
      async setup({ store }) {
        await use(await store<number>("cauldrons"));
      },
    });

  it("outlives the program", async () => {
    const store = await emptyStore();
    await testHost([keeper((values) => values.set("heath", 3))], { store }).stop();
    let found: number | undefined;
    await testHost([keeper((values) => void (found = values.get("heath")))], { store }).stop();
    expect(found).toBe(3);
  });

  it("is its own: another plugin's of the same name is another", async () => {
    const store = await emptyStore();
    await testHost([keeper((values) => values.set("heath", 3))], { store }).stop();
    let keys: string[] = ["?"];
    await testHost([keeper((values) => void (keys = [...values.keys()]), "other")], { store }).stop();
    expect(keys).toEqual([]);
  });

  it("is gone once it is set to undefined", async () => {
    const store = await emptyStore();
    const host = testHost(
      [
        keeper(async (values) => {
          await values.set("heath", 3);
          await values.set("heath", undefined);
          expect(values.get("heath")).toBeUndefined();
        }),
      ],
      { store },
    );
    await host.stop();
    expect((await store.values("keeper/cauldrons")).size).toBe(0);
  });
});

describe("a reply", () => {
  it("comes from the plugin that answers its question, and its refusal reaches the asker", async () => {
    const shop = definePlugin({
      name: "shop",
      summary: "Sells.",
      setup({ handle, get }) {
        get(Channels);
        handle(iq.get("service", "urn:shop", "price"), () => xml("price", { xmlns: "urn:shop" }, "3"));
        handle(iq.set("service", "urn:shop", "buy"), () => {
          throw refuse("resource-constraint", "The newts are sold out.");
        });
      },
    });
    const hecate = testHost([shop]).actor("hecate");
    const price = await hecate.asks("get", "mix.shakespeare.example", xml("price", { xmlns: "urn:shop" }));
    expect(price.getChildText("price")).toBe("3");
    const refused = await hecate.asks("set", "mix.shakespeare.example", xml("buy", { xmlns: "urn:shop" }));
    expect(refused.getChild("error")?.getChildText("text")).toBe("The newts are sold out.");
  });
});
