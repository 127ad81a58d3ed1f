import { setTimeout as pause } from "node:timers/promises";
import { type Element, findForm, NODE, NS, readForm, xml } from "masque";
import { COVEN } from "../scenarios/person.ts";
import type { Company } from "./company.ts";
import { toldIn } from "./hearing.ts";
import type { Kept } from "./oracle.ts";
import type { Player } from "./player.ts";

const PAGE = 250;
/** Between two attempts to have something that is refused for the moment. */
const PAUSE = 50;

/** The whole archive of the channel, as its owner may read it. */
export async function archive(company: Company): Promise<Kept[]> {
  const kept: Kept[] = [];
  for (;;) {
    company.hearing.results = [];
    const after = kept.at(-1)?.id;
    const page = xml("set", { xmlns: NS.RSM }, xml("max", {}, PAGE), after ? xml("after", {}, after) : null);
    const reply = await asks(company, "set", company.hecate, xml("query", { xmlns: NS.MAM }, page));
    kept.push(...company.hearing.results.map(keptIn));
    if (reply.getChild("fin", NS.MAM)?.attrs.complete === "true") return kept;
  }
}

/** The bare JIDs of those who are banned. */
export async function banned(company: Company): Promise<Set<string>> {
  return new Set((await items(company, NODE.BANNED)).map(({ attrs }) => attrs.id ?? ""));
}

/** The nicks of those who are here, by ID. */
export async function nicks(company: Company): Promise<Map<string, string>> {
  const participants = await items(company, NODE.PARTICIPANTS);
  return new Map(
    participants.map((item) => {
      const [id = ""] = item.attrs.id?.split("#") ?? [];
      return [id, item.getChild("participant")?.getChildText("nick") ?? ""];
    }),
  );
}

/** Who may read somebody's vCard, as he has chosen. */
export async function preference(company: Company, player: Player): Promise<string> {
  const reply = await asks(company, "get", player, xml("user-preference", { xmlns: NS.MIX_ANON }));
  const form = findForm(reply.getChild("user-preference") ?? reply);
  return (form && readForm(form).values.get("vCard")?.[0]) ?? "";
}

async function items(company: Company, node: string): Promise<Element[]> {
  const payload = xml("pubsub", { xmlns: NS.PUBSUB }, xml("items", { node }));
  const reply = await asks(company, "get", company.hecate, payload);
  return reply.getChild("pubsub", NS.PUBSUB)?.getChild("items")?.getChildren("item") ?? [];
}

/** Asks until it is answered: what cannot be had for the moment can be had later. */
async function asks(company: Company, type: "get" | "set", { person }: Player, payload: Element): Promise<Element> {
  for (;;) {
    const reply = await company.ask(xml("iq", { type, from: person.client, to: COVEN, id: person.nextId() }, payload));
    if (reply?.attrs.type === "result") return reply;
    if (!reply) throw new Error("The stream was lost while nothing was to happen.");
    await pause(PAUSE);
  }
}

function keptIn(result: Element): Kept {
  const message = result.getChild("forwarded", NS.FORWARD)?.getChild("message");
  if (!message) throw new Error(`There is no message in this result: ${result}`);
  return { ...toldIn(message, result.attrs.id), isTombstone: message.getChild("retracted", NS.MIX_MISC) !== undefined };
}
