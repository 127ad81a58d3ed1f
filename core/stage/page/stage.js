import { Mode } from "./mode.js";
import { Pane } from "./pane.js";
import { Plugins } from "./plugins.js";
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
/** The names of the plugins that run; unknown at first. */
let running;

const panes = Object.fromEntries(CAST.map((part) => [part.name, raise(part)]));
const all = Object.values(panes);
const { hecate, hag66, prospero } = panes;
find("panes").append(...all.map(({ element }) => element));
const tabs = new Tabs(find("tabs"), all);
const mode = new Mode(find("mode"), choose);
const plugins = new Plugins(find("plugins"), switched);

/** Brings somebody before the reader's eyes, and the reader's hands to where something is done. */
function goTo(pane, control) {
  tabs.show(pane.person.name);
  control(pane)?.focus();
}
const outsider = () => [hecate, hag66].find(({ person }) => person.state !== "inside") ?? hecate;
const isHiding = () => prospero.person.knows.mode === "jid-hidden";
const hide = () => mode.control("jid-hidden").focus();
const show = () => mode.control("jid-visible").focus();

const steps = new Steps(find("steps"), {
  join: { words: "Join as hecate and as hag66, by a nick each", go: () => goTo(outsider(), (pane) => pane.control) },
  say: { words: "Say a line as hecate: three read it, from a nick", go: () => goTo(hecate, (pane) => pane.control) },
  open: { words: "Open it on hag66’s wire: no address", go: () => goTo(hag66, (pane) => pane.lastFrame) },
  show: { words: "Let the coven show addresses: they come out", go: show },
  never: {
    words: "Hide them again; have hecate choose “never”",
    go: () => (isHiding() ? goTo(hecate, (pane) => pane.wish) : hide()),
  },
  eject: { words: "Show once more: she is taken out, not shown", go: show },
  off: {
    words: "Hide, and switch visibility off: all is suspended",
    go: () => (isHiding() || prospero.person.suspended ? plugins.control("visibility").focus() : hide()),
  },
});

/** One pane, with what the first minutes wait for. */
function raise(part) {
  return new Pane(
    part,
    { url, domain: DOMAIN, channel: CHANNEL },
    {
      changed: follow,
      said: ({ id }) => {
        copies.set(id, (copies.get(id) ?? 0) + 1);
        if (id && copies.get(id) === CAST.length) steps.done("say");
      },
      opened: () => steps.done("open"),
      arrived: () => tabs.arrived(part.name),
    },
  );
}

/** Somebody knows something new: the channel's mode is as its owner knows it, and some of the steps are done by it. */
function follow() {
  const people = all.map(({ person }) => person);
  const others = people.filter(({ isOwner }) => !isOwner);
  const { mode: now } = prospero.person.knows;
  mode.update(now, prospero.person.suspended);
  const areIn = others.every(({ state }) => state === "inside");
  if (areIn) steps.done("join");
  if (areIn && now === "jid-visible") steps.done("show");
  if (others.some(({ knows }) => knows.preferences.some(isNever))) steps.done("never");
  if (others.some(({ farewell }) => farewell)) steps.done("eject");
  // To those outside there is no such channel while it is suspended.
  const inside = people.filter(({ state }) => state === "inside");
  if (inside.length > 0 && inside.every(({ suspended }) => suspended)) steps.done("off");
  if (people.some(({ state }) => state === "lost"))
    alarm("The stage has closed. Start it again, and load this page anew.");
}

const isNever = ({ name, value }) => name === "JID Visibility" && value === "never";

/** The owner decides. Who is in the channel is told; who is not looks again. */
async function choose(wanted) {
  if (!(await prospero.attempt(() => prospero.person.setMode(wanted)))) mode.refused();
  await Promise.all(all.map(({ person }) => person.state === "outside" && person.refresh()));
  follow();
}

/** Other plugins run than did before, of which the channel says nothing by itself. */
async function switched(names) {
  const isNews = running !== undefined && [...names].join() !== running;
  running = [...names].join();
  for (const pane of all) pane.mayWhisper = names.has("private-messages");
  if (isNews) await Promise.all(all.map(({ person }) => person.refresh()));
}

/** Everybody logs in; the owner sees to it that there is a channel, and the others find it. */
async function play() {
  await Promise.all([...all.map(({ person }) => person.enter()), plugins.read()]);
  await prospero.person.look(true);
  if (prospero.person.state !== "inside") await prospero.person.join("the duke");
  await Promise.all([hecate, hag66].map(({ person }) => person.look(false)));
}

function alarm(words) {
  find("alarm").textContent = words;
  find("alarm").hidden = false;
}

play().catch((error) => alarm(`The play has stopped: ${error.message}`));
