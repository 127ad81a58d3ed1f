import {
  type ChannelIq,
  CORE,
  type Context,
  type Element,
  type FormField,
  findForm,
  formOf,
  iq,
  NS,
  type Participant,
  refuse,
  xml,
} from "masque";
import type { Request, Stage } from "./stage.ts";

/** One thing that people do in a channel, for clients that do not know MIX. */
export interface Deed {
  readonly name: string;
  isFor(asked: ChannelIq): boolean | Promise<boolean>;
  stage(request: Request, asked: ChannelIq): Promise<Stage>;
}

/**
 * What people do by the requests of MIX, done by commands: each is put to the plugins as that very request, so that the
 * same rules hold.
 */
export function participantCommands({ ask }: Pick<Context, "ask">): ReadonlyMap<string, Deed> {
  const core = CORE[1];

  const join: Deed = {
    name: "Join this channel",
    isFor: ({ participant }) => !participant,
    async stage({ filled }, asked) {
      const choices = await choicesFor({ ...asked, participant: NEWCOMER });
      if (!filled) return { status: "executing", form: joinForm(choices) };
      const nick = filled.get(NICK)?.[0]?.trim();
      const nodes = ["messages", "participants", "info"].map((node) =>
        xml("subscribe", { node: `urn:xmpp:mix:nodes:${node}` }),
      );
      const chosen = choices && submitted(filled);
      const payload = xml("join", { xmlns: core }, nodes, nick && xml("nick", {}, nick), chosen);
      const joined = await put("join", payload, asked);
      const name = joined.getChildText("nick");
      return { status: "completed", note: ["info", name ? `You are in it as ${name}.` : "You are in it."] };
    },
  };

  const preferences: Deed = {
    name: "My preferences",
    isFor: async (asked) => asked.participant !== undefined && (await choicesFor(asked)) !== undefined,
    async stage({ filled }, asked) {
      const choices = await choicesFor(asked);
      if (!filled && choices) return { status: "executing", form: choices };
      const payload = xml("user-preference", { xmlns: NS.MIX_ANON }, submitted(filled ?? new Map()));
      await put("user-preference", payload, asked, NS.MIX_ANON);
      return { status: "completed", note: ["info", "It is as you have chosen."] };
    },
  };

  const leave: Deed = {
    name: "Leave this channel",
    isFor: ({ participant }) => participant !== undefined,
    async stage(_, asked) {
      await put("leave", xml("leave", { xmlns: core }), asked);
      return { status: "completed", note: ["info", "You have left it."] };
    },
  };

  /** The form of preferences as one may fill it in, if there are any to choose. */
  async function choicesFor(asked: ChannelIq): Promise<Element | undefined> {
    const payload = xml("user-preference", { xmlns: NS.MIX_ANON });
    const reply = await ask(iq.get("channel", NS.MIX_ANON, "user-preference"), { ...asked, payload }, () => true);
    return isElement(reply) ? findForm(reply) : undefined;
  }

  async function put(name: string, payload: Element, asked: ChannelIq, namespace: string = core): Promise<Element> {
    const reply = await ask(iq.set("channel", namespace, name), { ...asked, payload }, (fault) => {
      throw refuse(fault ? "internal-server-error" : "service-unavailable");
    });
    return isElement(reply) ? reply : xml("done");
  }

  return new Map([
    ["join", join],
    ["preferences", preferences],
    ["leave", leave],
  ]);
}

const NICK = "nick";

/** Who is not in the channel yet has chosen nothing. */
const NEWCOMER: Participant = {
  id: "",
  jid: "",
  nick: "",
  generation: 1,
  nodes: new Set(),
  delivery: { mode: "full", full: [] },
  clients: {},
  traits: {},
};

function joinForm(choices: Element | undefined): Element {
  const nick: FormField = { var: NICK, type: "text-single", label: "My nick", values: [] };
  const form = formOf("form", NS.MIX_ANON, [nick], { title: "Join this channel" });
  for (const field of choices?.getChildren("field") ?? []) if (field.attrs.var !== "FORM_TYPE") form.append(field);
  return form;
}

function submitted(filled: ReadonlyMap<string, readonly string[]>): Element {
  const fields = [...filled].filter(([name]) => name !== NICK).map(([name, values]) => ({ var: name, values }));
  return formOf("submit", NS.MIX_ANON, fields);
}

function isElement(reply: unknown): reply is Element {
  return typeof reply === "object" && reply !== null && "getChild" in reply;
}
