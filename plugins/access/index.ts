import { type Channel, Channels, definePlugin, iq, refuse, type Turn, type Turned, z } from "masque";
import { Participants } from "masque/plugins/participants";
import { addCommands } from "./commands.ts";
import { bannedIn, editsOf, itemsOf, manages, NODES, tell } from "./edits.ts";
import { isOn, listsOf, withList } from "./lists.ts";

/** Who may join a channel, and who may not (XEP-0406 §2.2, §2.3 and §3.4). */
export default definePlugin({
  name: "access",
  summary: "Administrators say who may join a channel, and ban people from it.",
  dependsOn: ["participants"],
  options: z.strictObject({
    longest_list: z
      .int()
      .min(1)
      .default(1_000)
      .describe("How many JIDs and domains may be banned from a channel, and how many allowed in it"),
  }),

  setup(ctx) {
    const { options, handle, guard, get, on } = ctx;
    const channels = get(Channels);
    const participants = get(Participants);

    for (const name of ["allowed", "banned"] as const) {
      const node = NODES[name];
      channels.node({
        name: node,
        read: "admins",
        subscribe: "admins",
        publish: "admins",
        presence: {
          in: (channel) => listsOf(channel.state)[name] !== undefined,
          add: (turn) => withList(turn, name, []),
          remove: (turn) => withList(turn, name, undefined),
        },
        items: (channel, view) => itemsOf(listsOf(channel.state)[name] ?? [], view),
      });
      const edits = editsOf(channels, name, options.longest_list, eject);
      for (const verb of ["publish", "retract", "purge", "create", "delete"] as const)
        handle(iq.set("node", node, verb), (request) => edits[verb](request));
      addCommands(ctx, name, edits);
    }

    guard("channel/admit", ({ channel, jid, invited }) => {
      const { allowed, banned } = listsOf(channel.state);
      if (banned && isOn(banned, jid)) return "refuse";
      return !allowed || invited || isOn(allowed, jid) ? "admit" : "refuse";
    });

    on("channel/turned", listInvited);
    handle("participant/join", ({ channel, jid, conditions }) => {
      conditions.push(() => {
        const { allowed } = listsOf(channel.state);
        if (!allowed || allowed.length < options.longest_list) return;
        if (isOn(allowed, jid) || channel.participant(jid) || manages(channel, jid)) return;
        throw refuse("resource-constraint", "The list of who is allowed here is full: ask an administrator for room.");
      });
      return undefined;
    });
    // One who was spared because he managed the channel is not once he does no longer.
    on("channel/turned", ({ channel, turn, state, sequel }) => {
      if (turn.state === state || bannedIn(channel, turn.state).length === 0) return;
      sequel.after(() => void channel.update((turn) => eject(channel, turn)).catch(() => {})); // reported where it broke
    });

    function eject(channel: Channel, turn: Turn): void {
      participants.eject(turn, channel, bannedIn(channel, turn.state), "You have been banned from this channel.");
    }

    /** Who was invited into a channel is from then on one of those whom it allows (XEP-0407 §3.4). */
    function listInvited({ channel, turn, was, sequel }: Turned): void {
      const { allowed } = listsOf(sequel.state);
      if (!allowed) return;
      const fresh = [...turn.here.values()].filter(({ id, jid }) => !was.has(id) && !isOn(allowed, jid));
      const invited = fresh.map(({ jid }) => jid).filter((jid) => !manages(channel, jid));
      if (invited.length === 0) return;
      withList(sequel, "allowed", [...allowed, ...invited]);
      sequel.after(() => tell(channel, NODES.allowed, invited));
    }
  },
});
