// The least that an external component in Node can do: copies are spliced together from bytes made ahead. It parses
// nothing, keeps nothing and checks nothing, so it is no peer but a bound. Plain JavaScript, for what is measured shall
// not carry a compiler. node splicer.js PORT DOMAIN SECRET
import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";

const [port, domain, secret] = process.argv.slice(2);
const socket = connect(Number(port), "127.0.0.1").setNoDelay(true).setEncoding("utf8");
socket.write(
  `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}'>`,
);
socket.on("error", () => process.exit(1)).on("close", () => process.exit(0));

const members = new Map();
const prefixes = [];
let length = 0;
let count = 0;

socket.once("data", (header) => {
  const digest = createHash("sha1").update(attribute(header, "id") + secret);
  socket.write(`<handshake>${digest.digest("hex")}</handshake>`);
  socket.on("data", read);
});

let rest = "";
function read(text) {
  const all = rest + text;
  let at = all.startsWith("<handshake/>") ? "<handshake/>".length : 0;
  for (;;) {
    const name = all.startsWith("<iq", at) ? "iq" : "message";
    const end = all.indexOf(`</${name}>`, at);
    if (end < 0) break;
    const stanza = all.slice(at, end);
    if (name === "iq") answer(stanza);
    else reflect(stanza);
    at = end + name.length + 3;
  }
  rest = all.slice(at);
}

function answer(iq) {
  const from = attribute(iq, "from");
  if (iq.includes("<join")) {
    const prefix = Buffer.from(`<message to='${from}'`);
    members.set(from, randomBytes(8).toString("hex"));
    prefixes.push(prefix);
    length += prefix.length;
  }
  socket.write(`<iq type='result' id='${attribute(iq, "id")}' from='${attribute(iq, "to")}' to='${from}'/>`);
}

function reflect(message) {
  const sender = members.get(attribute(message, "from").split("/")[0]);
  const to = attribute(message, "to");
  const id = `${Date.now()}-${count++}`;
  const body = message.slice(message.indexOf("<body>"));
  const tail = Buffer.from(
    ` from='${to}/${sender}' id='${id}' type='groupchat'>${body}<mix xmlns='urn:xmpp:mix:core:1'><nick>${sender}</nick>` +
      `<jid>${sender}#${to}</jid></mix><stanza-id xmlns='urn:xmpp:sid:0' id='${id}' by='${to}'/></message>`,
  );
  const bytes = Buffer.allocUnsafeSlow(length + tail.length * prefixes.length);
  let at = 0;
  for (const prefix of prefixes) {
    bytes.set(prefix, at);
    bytes.set(tail, at + prefix.length);
    at += prefix.length + tail.length;
  }
  socket.write(bytes);
}

function attribute(tag, name) {
  return new RegExp(`\\s${name}='([^']*)`).exec(tag)?.[1];
}
