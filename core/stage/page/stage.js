import { Pane } from "./pane.js";
import { Steps } from "./steps.js";
import { Tabs } from "./tabs.js";

const DOMAIN = "shakespeare.example";
const CHANNEL = "coven@mix.shakespeare.example";
const CAST = [
  { name: "hecate", role: "participant", nick: "midnight" },
  { name: "hag66", role: "participant", nick: "third witch" },
  { name: "prospero", role: "owner", nick: "the duke" },
];

const url = `ws://${location.host}/xmpp-websocket`;
const find = (id) => document.getElementById(id);
find("address").textContent = url;

/** How many of them a message has reached: its archive id -> copies. */
const copies = new Map();

const panes = Object.fromEntries(CAST.map((part) => [part.name, raise(part)]));
const all = Object.values(panes);
find("panes").append(...all.map(({ element }) => element));
const tabs = new Tabs(find("tabs"), all);
const { hecate, hag66, prospero } = panes;

/** Brings somebody before the reader's eyes, and the reader's hands to where something is done. */
function goTo(pane, control) {
  tabs.show(pane.person.name);
  control(pane)?.focus();
}
const outsider = () => [hecate, hag66].find(({ person }) => person.state !== "inside") ?? hecate;

const steps = new Steps(find("steps"), {
  join: { words: "Join the channel as hecate, and as hag66", go: () => goTo(outsider(), (pane) => pane.control) },
  say: { words: "Say a line as hecate: one goes in, three come out", go: () => goTo(hecate, (pane) => pane.control) },
  open: { words: "Open a stanza on the wire, and read it", go: () => goTo(hag66, (pane) => pane.lastFrame) },
  rename: { words: "Change hag66’s nick, and see the others told", go: () => goTo(hag66, (pane) => pane.nickControl) },
});

/** One pane, with what the first minute waits for. */
function raise(part) {
  return new Pane(
    part,
    { url, domain: DOMAIN, channel: CHANNEL },
    {
      inside: () => [hecate, hag66].every((pane) => pane?.person.state === "inside") && steps.done("join"),
      said: ({ id }) => {
        copies.set(id, (copies.get(id) ?? 0) + 1);
        if (copies.get(id) === CAST.length) steps.done("say");
      },
      opened: () => steps.done("open"),
      renamed: () => steps.done("rename"),
      arrived: () => tabs.arrived(part.name),
      lost: () => alarm("The stage has closed. Start it again, and load this page anew."),
    },
  );
}

/** Everybody logs in; the owner sees to it that there is a channel, and the others find it. */
async function play() {
  await Promise.all(all.map(({ person }) => person.enter()));
  await prospero.person.look(true);
  if (prospero.person.state !== "inside") await prospero.person.join("the duke");
  await Promise.all([hecate, hag66].map(({ person }) => person.look(false)));
}

function alarm(words) {
  find("alarm").textContent = words;
  find("alarm").hidden = false;
}

play().catch((error) => alarm(`The play has stopped: ${error.message}`));
