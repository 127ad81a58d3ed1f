import { z } from "zod";
import { Failure } from "../commands/failure.ts";
import type { Plan } from "../host/host.ts";
import { didYouMean, nearest } from "../host/nearest.ts";
import type { Masque } from "../masque.ts";
import { VERSION } from "../version.ts";
import { explainJid, showingText } from "./explain-jid.ts";
import { type Reloader, reloadTable } from "./reload.ts";
import { SECTIONS } from "./sections.ts";
import { explanationTable, planTable, statusTable, storageTrouble } from "./tables.ts";

/** The commands every running service takes, whatever its plugins. */
export function addCoreCommands(service: Masque, domain: string, reloader: Reloader, log: { level: string }): void {
  const { commands } = service;
  commands.add({
    name: "status",
    summary: "What runs, and what does not and why",
    run: async () => ({
      version: VERSION,
      domain,
      online: service.online,
      storage: service.storage,
      notes: await service.host.gather("service/status", {}),
      plugins: service.host.status(),
    }),
    render: ({ online, storage, notes, plugins }) =>
      [
        `Masque ${VERSION} at ${domain}, ${online ? "connected" : "not connected to the server"}`,
        ...storageTrouble(storage),
        ...notes,
        `\n${statusTable(plugins)}`,
      ].join("\n"),
  });
  commands.add({
    name: "plan",
    summary: "What a reload would stop and start",
    run: () => reloader.plan(),
    render: reloadTable,
  });
  commands.add({
    name: "reload",
    summary: "Brings the changed configuration file into effect",
    run: () => reloader.reload(),
    render: reloadTable,
  });
  commands.add({
    name: "log-level",
    summary: "Says how much is logged, until the next reload",
    takes: z.strictObject({ level: SECTIONS.log.shape.level.unwrap().describe("The least that is worth a line") }),
    run: ({ level }) => {
      log.level = level;
      return { level };
    },
    render: ({ level }) => `From now on, what is logged is at least of level ${level}.`,
  });
  addSwitches(service);
  commands.add({
    name: "explain",
    summary: "Who answers a question, in which order, and what came of it lately",
    takes: z.strictObject({ question: z.string().describe("Such as message/accept") }),
    run: ({ question }) => explain(service, question),
    render: explanationTable,
  });
  commands.add({
    name: "explain jid",
    summary: "Why a participant's JID is, or is not, shown, and by which plugin",
    takes: z.strictObject({
      channel: z.string().describe("Its name, or its JID"),
      participant: z.string().describe("An ID, a proxy JID, a real JID, or a nick"),
    }),
    run: ({ channel, participant }) => explainJid(service.host, channel, participant),
    render: showingText,
  });
}

/** Switches plugins until the next reload, which does as the configuration says. */
function addSwitches(service: Masque): void {
  const { commands } = service;
  const plugin = z.string().describe("The plugin's name");
  const told = (plan: Plan) => `${planTable(plan)}\n\nA reload, or a restart, does again as the configuration says.`;

  commands.add({
    name: "enable",
    summary: "Switches a plugin on, and with it what waits for it",
    takes: z.strictObject({ plugin }),
    run: ({ plugin }) => service.host.enable(known(service.host, plugin)),
    render: told,
  });
  commands.add({
    name: "disable",
    summary: "Switches a plugin off, and with it what depends on it",
    takes: z.strictObject({ plugin }),
    warns: ({ plugin }) => consequences(service.host, known(service.host, plugin)),
    run: ({ plugin }) => service.host.disable(known(service.host, plugin)),
    render: told,
  });
}

/** What goes with a plugin that is switched off, if anything does. */
function consequences(host: Masque["host"], plugin: string): string | undefined {
  const off = host.planOff(plugin).stop;
  const others = off.filter((name) => name !== plugin);
  const relied = off.filter((name) => host.isReliedOn(name));
  const sentences = [
    ...(others.length > 0 ? [`With ${plugin} stop ${others.join(", ")}.`] : []),
    ...(relied.length > 0 ? [`Channels that promised what only ${relied.join(" and ")} can keep are suspended.`] : []),
  ];
  return sentences.join(" ") || undefined;
}

function known(host: Masque["host"], plugin: string): string {
  const names = Object.keys(host.status());
  if (names.includes(plugin)) return plugin;
  throw new Failure("usage", `There is no plugin "${plugin}"${didYouMean(plugin, names)}`);
}

/** Of iqs, there is a question for each name that anybody may think of: only what is nearly one that is answered is a slip. */
function explain({ host }: Masque, question: string) {
  const known = host.questions();
  const isIq = IQ_QUESTION.test(question) && nearest(question, known, 2) === undefined;
  if (isIq || known.has(question)) return host.explain(question);
  throw new Failure(
    "failed",
    `Nobody has asked or answered a question "${question}" yet${didYouMean(question, known)}`,
  );
}

const IQ_QUESTION = /^iq-(get|set)\/(service|channel|node|participant)\/.+:[^:]+$/;
