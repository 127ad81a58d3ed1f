import {
  About,
  type ChannelIq,
  Channels,
  definePlugin,
  type Element,
  iq,
  isStanzaError,
  NS,
  refuse,
  type ServiceIq,
  xml,
} from "masque";
import { operatorCommands } from "./operators.ts";
import { participantCommands } from "./participants.ts";
import { readRequest, type Stage, stageOf } from "./stage.ts";

/** Ad hoc commands (XEP-0050): any client is an operator's console, and lets people join and choose who knows nothing of MIX. */
export default definePlugin({
  name: "commands",
  summary: "Operators manage the service, and people join channels and choose their preferences, from any client.",

  setup(ctx) {
    const { handle, feature, get } = ctx;
    const [channels, { domain }] = [get(Channels), get(About)];
    const operators = operatorCommands(ctx);
    const participants = participantCommands(ctx);
    feature(NS.COMMANDS, "both");

    const isOperator = ({ from }: ServiceIq) => channels.may(from.bare, "service/command", undefined);

    const ofService = async (request: ServiceIq) =>
      (await isOperator(request)) ? operators.all().map(({ name, summary }) => ({ node: name, name: summary })) : [];
    const ofChannel = async (asked: ChannelIq) => {
      const listed = [];
      for (const [node, deed] of participants) if (await deed.isFor(asked)) listed.push({ node, name: deed.name });
      return listed;
    };

    // Before those who answer for other nodes.
    handle(iq.get("service", NS.DISCO_ITEMS, "query"), async (request) => list(request, domain, ofService), 100);
    handle(
      iq.get("channel", NS.DISCO_ITEMS, "query"),
      async (request) => list(request, request.channel.jid, ofChannel),
      100,
    );
    handle(iq.get("service", NS.DISCO_INFO, "query"), (request) => describe(request, ofService), 100);
    handle(iq.get("channel", NS.DISCO_INFO, "query"), (request) => describe(request, ofChannel), 100);

    handle(iq.set("service", NS.COMMANDS, "command"), async (asked) => {
      const request = readRequest(asked.payload);
      const command = (await isOperator(asked)) ? operators.find(request.node) : undefined;
      if (!command) throw refuse("item-not-found", "There is no command of that name for you.");
      return stageOf(request, await operators.stage(command, request, asked.from.bare));
    });

    handle(iq.set("channel", NS.COMMANDS, "command"), async (asked) => {
      const request = readRequest(asked.payload);
      const deed = participants.get(request.node);
      if (!deed || !(await deed.isFor(asked)))
        throw refuse("item-not-found", "There is no command of that name for you.");
      if (request.action === "cancel") return stageOf(request, { status: "canceled" });
      return stageOf(request, await deed.stage(request, asked).catch(refused));
    });
  },
});

/** What is refused can be put right only by a command of its own: that is what its note is for (XEP-0050 §3.4). */
function refused(error: unknown): Stage {
  if (!isStanzaError(error)) throw error;
  return { status: "completed", note: ["error", error.text] };
}

type Listed = readonly { readonly node: string; readonly name: string }[];

/** @returns nothing when another node is asked for */
async function list<R extends ServiceIq>(
  request: R,
  jid: string,
  commands: (request: R) => Promise<Listed>,
): Promise<Element | undefined> {
  if (request.payload.attrs.node !== NS.COMMANDS) return undefined;
  const items = (await commands(request)).map((each) => xml("item", { jid, ...each }));
  return xml("query", { xmlns: NS.DISCO_ITEMS, node: NS.COMMANDS }, items);
}

async function describe<R extends ServiceIq>(
  request: R,
  commands: (request: R) => Promise<Listed>,
): Promise<Element | undefined> {
  const { node } = request.payload.attrs;
  if (!node) return undefined;
  const isList = node === NS.COMMANDS;
  const command = isList ? undefined : (await commands(request)).find((each) => each.node === node);
  if (!isList && !command) return undefined;
  const type = isList ? "command-list" : "command-node";
  const features = isList ? [NS.DISCO_INFO, NS.COMMANDS] : [NS.COMMANDS, NS.DATA];
  return xml(
    "query",
    { xmlns: NS.DISCO_INFO, node },
    xml("identity", { category: "automation", type, name: command?.name }),
    features.map((feature) => xml("feature", { var: feature })),
  );
}
