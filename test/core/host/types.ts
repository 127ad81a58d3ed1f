import { z } from "zod";
import { service } from "../../../core/container.ts";
import type { Host } from "../../../core/host/host.ts";
import { definePlugin } from "../../../core/host/plugin.ts";
import { WORDS } from "./cast.ts";

// What must not compile. Each line below a directive is an error today; one that is none any more is an error itself.

const Broom = service<{ fly(): void }>("test-broom");
const Newt = service<string>("test-newt");

export default definePlugin({
  name: "types",
  summary: "Never runs.",
  options: z.strictObject({ prefix: z.enum(["@", ""]).default("@") }),

  setup({ handle, ask, gather, guard, on, emit, get, when, provide, keep, every, options, make }) {
    handle("coven/who", (place) => place.toUpperCase());
    // @ts-expect-error a misspelt question
    handle("coven/woh", () => "hecate");
    // @ts-expect-error a wrong answer
    handle("coven/who", () => 3);
    // @ts-expect-error a payload that is something else
    handle("coven/who", (place: number) => String(place));

    ask("coven/who", "the heath", "nobody");
    // @ts-expect-error a misspelt question
    ask("coven/woh", "the heath", "nobody");
    // @ts-expect-error a wrong payload
    ask("coven/who", { place: "the heath" }, "nobody");
    // @ts-expect-error no answer for the case that nobody has one
    ask("coven/who", "the heath");
    // @ts-expect-error an `otherwise` that is no answer
    ask("coven/who", "the heath", 3);
    // @ts-expect-error a wrong payload
    gather("coven/who", 3);

    guard("coven/show", (jid) => (jid === "hecate" ? "hidden" : undefined));
    // @ts-expect-error a misspelt word
    guard("coven/show", () => "hiden");
    // @ts-expect-error a voter who takes his time
    guard("coven/show", async () => "hidden");
    // @ts-expect-error a question is no guard
    guard("coven/who", () => "hecate");

    on("coven/joined", ({ nick }) => void nick.toUpperCase());
    // @ts-expect-error a misspelt event
    on("coven/join", () => {});
    // @ts-expect-error a payload without its nick
    emit("coven/joined", {});

    get(Broom).fly();
    // @ts-expect-error a service has only its own methods
    get(Broom).sweep();
    // @ts-expect-error the service is a text
    when(Newt, (newt) => newt.fly());
    // @ts-expect-error the facade lacks a method
    provide(Broom, () => ({}));

    keep("count", () => ({ starts: 0 })).starts++;
    // @ts-expect-error what is kept has a type
    keep("count", () => ({ starts: 0 })).stops++;
    // @ts-expect-error a period is a number of milliseconds
    every("1 s", () => {});
    // @ts-expect-error a part is a class
    make(() => "broom");

    options.prefix satisfies "@" | "";
    // @ts-expect-error a misspelt option
    options.prefx;
  },
});

export function core(host: Host): void {
  host.vote("coven/show", "hecate@shakespeare.example", WORDS) satisfies "visible" | "veiled" | "hidden";
  // @ts-expect-error a word that no voter may say
  host.vote("coven/show", "hecate@shakespeare.example", ["visible", "invisible"]);
  // @ts-expect-error no word at all
  host.vote("coven/show", "hecate@shakespeare.example", []);
  // @ts-expect-error a wrong ballot
  host.vote("coven/show", 3, WORDS);
  // @ts-expect-error a misspelt question
  host.has("coven/woh");
}
