import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { NS } from "../../../core/xmpp/ns.ts";
import { xml } from "../../../core/xmpp/xml.ts";
import { condition, Person } from "./person.ts";
import { openEmptyStage, type Theatre } from "./theatre.ts";

const SERVICE = "mix.shakespeare.example";

let theatre: Theatre;
let sockets: Socket[] = [];

beforeAll(async () => {
  theatre = await openEmptyStage();
});

afterEach(async () => {
  await Promise.all(sockets.map((socket) => gone(socket)));
  sockets = [];
});

afterAll(() => theatre.close());

function gone(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) return resolve();
    socket.on("close", () => resolve());
    socket.destroy();
  });
}

/** A component that says each byte itself. */
async function component(domain = SERVICE, namespace: string = NS.COMPONENT) {
  const socket = connect(theatre.stage.component.port, "127.0.0.1");
  sockets.push(socket);
  let heard = "";
  let waiting = () => {};
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    heard += text;
    waiting();
  });
  socket.on("close", () => waiting());
  const hears = async (text: string) => {
    while (!heard.includes(text)) {
      if (socket.closed) throw new Error(`It ended without "${text}": ${heard}`);
      await new Promise<void>((resolve) => {
        waiting = resolve;
      });
    }
    return heard;
  };
  const says = (text: string) => void socket.write(text);
  says(`<stream:stream xmlns='${namespace}' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}'>`);
  await hears("from=");
  const shakesHands = (secret = theatre.stage.component.secret) => {
    const id = /id='([^']+)'/.exec(heard)?.[1];
    says(`<handshake>${createHash("sha1").update(`${id}${secret}`).digest("hex")}</handshake>`);
  };
  return { says, hears, shakesHands };
}

describe("the port for components", () => {
  it("takes one that knows the secret, and lists it among the server's items", async () => {
    const mix = await component();
    mix.shakesHands();
    await mix.hears("<handshake/>");
    const hecate = await Person.logIn(theatre.socket, "hecate");
    const items = await hecate.asks("get", "shakespeare.example", xml("query", { xmlns: NS.DISCO_ITEMS }));
    expect(items.getChild("query")?.getChild("item")?.attrs.jid).toBe(SERVICE);
  });

  it("passes stanzas both ways", async () => {
    const mix = await component();
    mix.shakesHands();
    await mix.hears("<handshake/>");
    const hecate = await Person.logIn(theatre.socket, "hecate");
    hecate.says(
      xml("message", { xmlns: NS.CLIENT, to: `coven@${SERVICE}`, type: "groupchat" }, xml("body", {}, "Hail!")),
    );
    expect(await mix.hears("Hail!")).toContain(
      `<message to="coven@${SERVICE}" type="groupchat" from="${hecate.jid}"><body>`,
    );
    mix.says(`<message from='coven@${SERVICE}' to='${hecate.jid}'><body>All hail — “ß”!</body></message>`);
    expect((await hecate.hearsWords("All hail — “ß”!")).attrs.from).toBe(`coven@${SERVICE}`);
  });

  it("is where a channel hears of the presence of those who joined it, as long as they are in it", async () => {
    const mix = await component();
    mix.shakesHands();
    await mix.hears("<handshake/>");
    /** Answers the latest request, as a channel would. */
    const answers = async (verb: "join" | "leave") => {
      const heard = await mix.hears(`<${verb} `);
      const id = heard.slice(heard.lastIndexOf("<iq ")).match(/ id="([^"]+)"/)?.[1];
      const from = `from='coven@${SERVICE}' to='hecate@shakespeare.example'`;
      mix.says(`<iq type='result' id='${id}' ${from}><${verb} xmlns='urn:xmpp:mix:core:1' id='123456'/></iq>`);
    };
    const hecate = await Person.logIn(theatre.socket, "hecate", "gate");
    await Promise.all([hecate.joins(`coven@${SERVICE}`, "midnight"), answers("join")]);
    await mix.hears(`<presence from="${hecate.jid}" to="coven@${SERVICE}"/>`);
    hecate.says(xml("presence", { xmlns: NS.CLIENT }, xml("show", {}, "dnd")));
    await mix.hears(`<presence from="${hecate.jid}" to="coven@${SERVICE}"><show>dnd</show></presence>`);
    const moor = await Person.logIn(theatre.socket, "hecate", "moor");
    await mix.hears(`<presence from="${moor.jid}" to="coven@${SERVICE}"/>`);
    await moor.goes();
    await mix.hears(`<presence type="unavailable" from="${moor.jid}" to="coven@${SERVICE}"/>`);
    await Promise.all([hecate.leaves(`coven@${SERVICE}`), answers("leave")]);
    const before = await mix.hears("");
    hecate.says(xml("presence", { xmlns: NS.CLIENT }));
    await hecate.settles();
    expect(await mix.hears("")).toBe(before);
  });

  it.each([
    ["with a wrong secret", SERVICE, "hurly-burly", "not-authorized"],
    ["of another domain", "elsinore.example", undefined, "host-unknown"],
  ])("refuses one %s", async (_, domain, secret, fault) => {
    const mix = await component(domain);
    mix.shakesHands(secret);
    await mix.hears(`<${fault} `);
  });

  it("refuses a client", async () => {
    await (await component(SERVICE, NS.CLIENT)).hears("<invalid-namespace ");
  });

  it("refuses a second one of the same domain, and leaves the first in peace", async () => {
    const [first, second] = [await component(), await component()];
    first.shakesHands();
    await first.hears("<handshake/>");
    second.shakesHands();
    await second.hears("<conflict ");
    first.says(`<iq type='get' id='p' from='${SERVICE}' to='${SERVICE}'><ping xmlns='${NS.PING}'/></iq>`);
    await first.hears(`id="p"`);
  });

  it.each([
    [
      "speaks for others",
      "<message from='hecate@shakespeare.example' to='hag66@shakespeare.example'/>",
      "invalid-from",
    ],
    ["sends what is no stanza", `<marker from='${SERVICE}'/>`, "unsupported-stanza-type"],
    ["sends what is no XML", "</message>", "not-well-formed"],
    ["sends what has no place in XMPP", "<!-- boo -->", "restricted-xml"],
    ["buries its words too deep", "<a>".repeat(200) + "</a>".repeat(200), "policy-violation"],
  ])("ends the stream of one that %s", async (_, words, fault) => {
    const mix = await component();
    mix.shakesHands();
    await mix.hears("<handshake/>");
    mix.says(words);
    await mix.hears(`<${fault} `);
  });

  it("lets the domain be served again after its component has gone", async () => {
    const first = await component();
    first.shakesHands();
    await first.hears("<handshake/>");
    first.says("</stream:stream>");
    await first.hears("</stream:stream>");
    await gone(sockets.pop() as Socket);
    const hecate = await Person.logIn(theatre.socket, "hecate");
    await expect
      .poll(async () => condition(await hecate.asks("get", SERVICE, xml("ping", { xmlns: NS.PING }))))
      .toBe("remote-server-not-found");
    const second = await component();
    second.shakesHands();
    await second.hears("<handshake/>");
  });
});
