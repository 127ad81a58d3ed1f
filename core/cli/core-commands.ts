import { didYouMean } from "../host/nearest.ts";
import type { Masque } from "../masque.ts";
import { VERSION } from "../version.ts";
import type { Commands } from "./commands.ts";
import { explainJid, showingText } from "./explain-jid.ts";
import { Failure } from "./failure.ts";
import { type Reloader, reloadTable } from "./reload.ts";
import { explanationTable, statusTable, storageTrouble } from "./tables.ts";

declare module "../host/plugin.ts" {
  interface Hooks {
    /** Gathered for `masque status`: a sentence on how a plugin fares. It holds no JID, for people pass it on. */
    "service/status": (about: Readonly<Record<never, never>>) => string;
  }
}

/** The commands every running service takes, whatever its plugins. */
export function addCoreCommands(commands: Commands, domain: string, service: Masque, reloader: Reloader): void {
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
    args: ["QUESTION"],
    run: ([question = ""]) => explain(service, question),
    render: explanationTable,
  });
  commands.add({
    name: "explain jid",
    summary: "Why a participant's JID is, or is not, shown, and by which plugin",
    args: ["CHANNEL", "PARTICIPANT"],
    run: ([channel = "", participant = ""]) => explainJid(service.host, channel, participant),
    render: showingText,
  });
}

function explain({ host }: Masque, question: string) {
  const { questions, guards } = host.snapshot();
  const known = [...Object.keys(questions), ...Object.keys(guards)];
  if (known.includes(question)) return host.explain(question);
  throw new Failure("failed", `Nobody answers a question "${question}"${didYouMean(question, known)}`);
}
