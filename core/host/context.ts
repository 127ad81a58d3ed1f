import { type Container, service } from "../container.ts";
import { after } from "./after.ts";
import { inTime } from "./clock.ts";
import { every } from "./every.ts";
import { isPromise } from "./flights.ts";
import type { Kernel } from "./kernel.ts";
import { logOf } from "./log.ts";
import type { Options } from "./options.ts";
import type { Owner } from "./owner.ts";
import type { Context, Logger, Powers } from "./plugin.ts";

/** What a class made by `ctx.make` can ask for besides services: `constructor(@Ctx ctx: Context)`. */
export const Ctx = service<Context>("ctx");
export const Opts = service<Options>("options");
export const Log = service<Logger>("log");

/** An undo of a plugin's own that takes longer is left behind, lest one plugin keeps all others from stopping. */
const CLEANUP = 10_000;

type Loose = (payload: unknown) => unknown;

/** The powers of one owner. Everything registered through them ends with the owner's scope. */
export function contextOf(kernel: Kernel, owner: Owner): Context {
  const { clock, questions, votes, facts, services, faults } = kernel;
  const { name, scope, options, kept } = owner;
  let container: Container | undefined;

  const own: Omit<Context, keyof Powers> = {
    name,
    options,
    log: logOf(kernel.log, name),
    signal: scope.signal,
    now: () => clock.now(),

    handle: (hook, handler, priority = 0) => questions.add(hook, owner, handler as Loose, priority),
    ask: (hook, payload, otherwise) => questions.ask(hook, payload, otherwise) as never,
    gather: (hook, payload) => questions.gather(hook, payload) as never[],
    guard: (guard, voter) => votes.add(guard, owner, voter as Loose),
    on: (event, listener) => facts.on(event, owner, listener as Loose),
    emit: (event, payload) => facts.emit(event, payload),

    get: (wanted) => kernel.get(wanted, owner),
    when: (wanted, use) => services.when(wanted, owner, use),
    provide: (offered, make) => kernel.provide(offered, owner, make),

    keep(key, fresh) {
      if (scope.closed) throw new Error(`The plugin "${name}" has stopped: it can keep nothing more ("${key}").`);
      if (!kept.has(key)) kept.set(key, fresh());
      return kept.get(key) as ReturnType<typeof fresh>;
    },
    after: (delay, task) => after(clock, faults.report, owner, delay, task),
    every: (period, task) => every(clock, faults.report, owner, period, task),
    make(part) {
      container ??= kernel.shelf(owner).value(Ctx, ctx).value(Opts, options).value(Log, ctx.log);
      return container.make(part);
    },
    cleanup(label, undo) {
      const undone = async () => {
        const work = undo();
        if (!isPromise(work) || (await inTime(clock, CLEANUP, work))) return;
        throw new Error(`The cleanup "${label}" did not finish within ${CLEANUP / 1000} s.`);
      };
      // Who says how to undo something has done it already: too late, it is undone at once.
      if (scope.closed) void undone().catch((error) => faults.report(name, label, error));
      scope.add(label, undone);
    },
  };
  const ctx: Context = { ...own, ...kernel.powers(own as Context, scope) };
  return ctx;
}
