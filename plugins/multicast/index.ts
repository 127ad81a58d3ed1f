import { About, definePlugin, Post, parseJid, z } from "masque";
import { candidates, type Service, serviceAmong } from "./discovery.ts";
import { domainOf, type Lot, sort } from "./packing.ts";
import { Route } from "./route.ts";

const domain = z
  .string()
  .regex(/^[^@/\s]+$/)
  .meta({ expects: "a domain" });

/** Extended Stanza Addressing (XEP-0033): one stanza for many users of a server, which its multicast service passes on. */
export default definePlugin({
  name: "multicast",
  summary: "What many users of one server are told is sent there once, where the server offers to pass it on to each.",
  options: z.strictObject({
    hosts: z
      .array(domain)
      .default([])
      .describe(
        "The domains of the server's users; if none is named, the one that the service's own domain is part of",
      ),
    services: z
      .array(domain)
      .default([])
      .describe("Where the server's multicast service may be; if nothing is named, among all that the server lists"),
    least: z.int().min(2).default(10).describe("For fewer readers than this on a server, each copy is sent by itself"),
    most: z.int().min(1).default(1000).describe("How many readers one stanza may be for, if the service takes as many"),
  }),

  setup({ get, send, request, after, now, log, handle, options: { hosts, services, least, most } }) {
    const { domain } = get(About);
    const post = get(Post);

    async function find(host: string): Promise<Service | undefined> {
      const jids = services.length > 0 ? services : await candidates(host, domain, request);
      const found = await serviceAmong(jids, domain, request);
      return found && { ...found, limit: Math.min(found.limit, most) };
    }

    const around = { domain, least, log, now, after, find, send, again: post.again, proceed: post.proceed };
    const parent = domain.slice(domain.indexOf(".") + 1);
    const served = hosts.length > 0 ? hosts.map((host) => parseJid(host)?.domain ?? host) : [parent];
    const routes = new Map(served.map((host) => [host, new Route(host, around)]));
    const all = [...routes.values()];

    post.carry({
      get isHolding() {
        return all.some((route) => route.isHolding);
      },

      pack(pieces, parcel) {
        if (all.every(({ isClosed }) => isClosed)) return pieces;
        const loads = new Map(all.map((route) => [route, [] as Lot[]]));
        const out: Uint8Array[] = [];
        for (let i = 0; i < pieces.length; i += 2) {
          const [beginning, rest] = [pieces[i], pieces[i + 1]] as [Uint8Array, Uint8Array];
          const route = routes.get(domainOf(beginning));
          if (route) sort(loads.get(route) as Lot[], beginning, rest);
          else out.push(beginning, rest);
        }
        for (const [route, lots] of loads) if (lots.length > 0) route.pack(lots, parcel, out);
        return out;
      },

      takes: (stanza) => stanza.name === "message" && all.some((route) => route.takes(stanza)),
      online() {
        for (const route of all) route.online();
      },
      offline() {
        for (const route of all) route.offline();
      },
    });

    handle("service/status", () => all.flatMap(({ status }) => status ?? []).join(" ") || undefined);
  },
});
