import { z } from "zod";
import { Failure } from "../commands/failure.ts";
import { didYouMean, nearest } from "../host/nearest.ts";
import type { Masque } from "../masque.ts";
import { VERSION } from "../version.ts";
import { explainJid, showingText } from "./explain-jid.ts";
import { type Reloader, reloadTable } from "./reload.ts";
import { explanationTable, statusTable, storageTrouble } from "./tables.ts";

/** The commands every running service takes, whatever its plugins. */
export function addCoreCommands(service: Masque, domain: string, reloader: Reloader): void {
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
