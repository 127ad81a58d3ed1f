import { Channels, clone, type Disclosure, definePlugin, type Element, escapeXml, NS, xml } from "masque";
import { type Actor, type TestHost, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { COVEN, SERVICE } from "../channel/replies.ts";

/** Hides some JIDs, and says to somebody, whenever asked to, what it should keep to itself. */
function gossip(disclose: (question: Disclosure) => "visible" | "hidden" = () => "hidden") {
  return definePlugin({
    name: "gossip",
    summary: "Hides JIDs, and tells them.",
    setup({ guard, handle, send }) {
      guard("jid/disclose", disclose);
      handle("message/service", ({ stanza }) => {
        const sends = stanza.getChild("sends", "urn:iago");
        if (sends) {
          send(clone(sends.getChildElements()[0] as Element));
          return true;
        }
        const { to, id } = stanza.getChild("tell")!.attrs;
        send(xml("message", { from: SERVICE, to, id }, xml("body", {}, stanza.getChildText("body") ?? "")));
        return true;
      });
    },
  });
}

/** Has the gossip tell somebody a secret, as text or as an attribute. */
function tells(host: TestHost, to: string, secret: string, as: "text" | "attribute" = "text") {
  const [id, body] = as === "text" ? ["1", secret] : [secret, "psst"];
  return host.receive(
    xml("message", { from: "iago@shakespeare.example", to: SERVICE }, xml("tell", { to, id }), xml("body", {}, body)),
  );
}

const coven = (disclose?: Parameters<typeof gossip>[0]) => testHost([gossip(disclose)]).coven("hecate", "hag66");

describe("the leak oracle", () => {
  it.each(["text", "attribute"] as const)("catches a hidden bare JID in any %s", async (as) => {
    const { host, hecate, hag66 } = await coven();
    await expect(tells(host, hecate.jid, `It was ${hag66.jid}!`, as)).rejects.toThrow(
      '"hag66@shakespeare.example" of hag66 in coven was told to hecate@shakespeare.example',
    );
  });

  it("catches the resource of a client that was heard of, by itself", async () => {
    const { host, hecate, hag66 } = await coven();
    await hag66.says("Harpier cries");
    await expect(tells(host, hecate.jid, "She is at UUID-hag66-7533.")).rejects.toThrow('Leaked:\n"UUID-hag66-7533"');
  });

  it.each(["text", "attribute"] as const)("catches a resource that XML escapes, in any %s", async (as) => {
    const { host, hecate } = await coven();
    const resource = "o'clock & <co>";
    await host.receive(xml("presence", { from: `hag66@shakespeare.example/${resource}`, to: COVEN }));
    await expect(tells(host, hecate.jid, `It was at ${resource}.`, as)).rejects.toThrow(`Leaked:\n"${resource}"`);
  });

  it("catches a leak to one who is not in the channel, and to a server", async () => {
    const { host, hag66 } = await coven();
    await expect(tells(host, "banquo@shakespeare.example", hag66.jid)).rejects.toThrow("Leaked");
    await expect(tells(host, "shakespeare.example", hag66.jid)).rejects.toThrow("Leaked");
  });

  it("catches a leak beside what may be told, and names each", async () => {
    const disclose: Parameters<typeof gossip>[0] = ({ participant }) =>
      participant.nick === "hag66" ? "hidden" : "visible";
    const { host, hecate, hag66, banquo } = await testHost([gossip(disclose)]).coven("hecate", "hag66", "banquo");
    await expect(tells(host, banquo.jid, `${hecate.jid} met ${hag66.jid}`)).rejects.toThrow(/^Leaked:\n"hag66@[^\n]*$/);
  });

  it("catches what goes by the fan-out, too", async () => {
    const { host, hecate } = await coven();
    const channel = await host.use(Channels).find("coven");
    channel?.event("urn:xmpp:mix:nodes:participants", () => `<jid>${escapeXml(hecate.jid)}</jid>`);
    await expect(host.settled()).rejects.toThrow(`"${hecate.jid}" of hecate in coven was told to hag66@`);
  });

  it("goes by the eyes of the reader", async () => {
    const { host, hecate, hag66 } = await coven(({ eyes }) => (eyes === "administrator" ? "visible" : "hidden"));
    await expect(tells(host, hecate.jid, hag66.jid)).resolves.toHaveLength(1);
    await expect(tells(host, hag66.jid, hecate.jid)).rejects.toThrow("Leaked");
  });

  it("lets owners and operators be told of the JID map, and nobody else", async () => {
    const map = `<items node='urn:xmpp:mix:nodes:jidmap'><item id='1'><jid>hag66@shakespeare.example</jid></item></items>`;
    for (const [name, leaks] of [
      ["hecate", false],
      ["prospero", false],
      ["banquo", true],
    ] as const) {
      const host = testHost([gossip()], { operators: ["prospero@shakespeare.example"] });
      await host.coven("hecate", "hag66");
      const to = host.actor(name).jid;
      const event = `<message from='${COVEN}' to='${to}'><event xmlns='${NS.PUBSUB_EVENT}'>${map}</event></message>`;
      host.engine.host.core.send(event);
      await (leaks ? expect(host.settled()).rejects.toThrow("Leaked") : host.settled());
    }
  });

  it("lets everybody be told his own JID, at any of his addresses", async () => {
    const { host, hag66 } = await coven();
    for (const to of [hag66.jid, hag66.client]) await expect(tells(host, to, hag66.client)).resolves.toHaveLength(1);
  });

  it("lets anybody be told a JID that is shown", async () => {
    const { host, hecate, hag66 } = await coven(() => "visible");
    await expect(tells(host, hecate.jid, hag66.client)).resolves.toHaveLength(1);
  });

  it("catches the JID of one who has left", async () => {
    const { host, hecate, hag66 } = await coven();
    await hag66.leaves();
    await expect(tells(host, hecate.jid, `It was ${hag66.jid}!`)).rejects.toThrow("Leaked");
  });

  it("lets a presence be ended under the address it was told under, once, and told to nobody else", async () => {
    let verdict: "visible" | "hidden" = "visible";
    const { host, hecate, hag66 } = await coven(() => verdict);
    const presence = (to: string, type?: string) =>
      host.receive(
        xml(
          "message",
          { from: "iago@shakespeare.example", to: SERVICE },
          xml("sends", { xmlns: "urn:iago" }, xml("presence", { from: `${hag66.proxy}/UUID-hag66-7533`, to, type })),
        ),
      );
    await hag66.says("Harpier cries");
    await presence(hecate.jid);
    verdict = "hidden";
    await host.engine.host.reload("gossip");
    await expect(presence(hecate.jid, "unavailable")).resolves.toHaveLength(1);
    await expect(presence(hecate.jid, "unavailable")).rejects.toThrow("Leaked");
    await expect(presence("banquo@shakespeare.example", "unavailable")).rejects.toThrow("Leaked");
  });

  it("speaks once of each leak", async () => {
    const { host, hecate, hag66 } = await coven();
    await expect(tells(host, hecate.jid, hag66.jid)).rejects.toThrow("Leaked");
    await expect(host.settled()).resolves.toBeUndefined();
  });

  it("finds none in a day's work of a channel that hides everybody", async () => {
    const { host, hecate, hag66 } = await coven();
    const people: Actor[] = [hecate, hag66, host.actor("macbeth")];
    await host.actor("macbeth").joins("coven", { generation: 0 });
    for (const actor of people) await actor.says("Double, double toil and trouble");
    await hag66.leaves();
    await expect(host.settled()).resolves.toBeUndefined();
    expect(hecate.heard()).toHaveLength(3);
  });
});
