import type { Service } from "../container.ts";
import type { Report } from "./faults.ts";
import { isPromise } from "./flights.ts";
import { didYouMean } from "./nearest.ts";
import { earlier, type Owned, type Owner } from "./owner.ts";
import type { Context } from "./plugin.ts";
import type { Scope } from "./scope.ts";

/** What services ask of the host around them. */
export interface Surroundings {
  readonly report: Report;
  contextOf(owner: Owner): Context;
  /** Whether a plugin said that it depends on another. */
  mayUse(consumer: Owner, provider: Owner): boolean;
  /** Ends a scope as a plugin ends: what it provides is withdrawn, work in flight is waited for, all is undone. */
  end(owner: Owner): Promise<void>;
}

interface Offer {
  readonly name: string;
  readonly owner: Owner;
  readonly make: (consumer: Context) => unknown;
  /** One facade for each scope that uses the service, and who owns what is done through it. */
  readonly facades: Map<Scope, { readonly facade: unknown; readonly consumer: Owner }>;
}

interface Wish extends Owned {
  readonly service: Service<unknown>;
  readonly use: (it: never, ctx: Context) => unknown;
  granted: { readonly offer: Offer; readonly consumer: Owner } | undefined;
}

/** Who offers what to whom. A service is a function of its consumer, and is gone when either of the two is. */
export class Services {
  readonly #around: Surroundings;
  readonly #offers = new Map<symbol, Offer>();
  readonly #wishes = new Set<Wish>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Others see the offer as soon as its scope is open: after the setup that makes it. */
  provide(service: Service<unknown>, owner: Owner, make: (consumer: Context) => unknown): void {
    const rival = this.#offers.get(service.id);
    if (rival) throw new Error(`The service "${service.name}" is provided already, by "${rival.owner.name}".`);
    const offer: Offer = { name: service.name, owner, make, facades: new Map() };
    owner.scope.add(`service ${service.name}`, async () => {
      await this.#retract(offer);
      this.#offers.delete(service.id);
    });
    this.#offers.set(service.id, offer);
    if (owner.scope.open) this.publish(owner.scope);
  }

  /** `undefined` when nobody offers it now; throws when the consumer did not say that it depends on the provider. */
  find<T>(service: Service<T>, consumer: Owner): { readonly it: T } | undefined {
    const offer = this.#offers.get(service.id);
    if (!offer?.owner.scope.open) return undefined;
    if (!this.#around.mayUse(consumer, offer.owner)) {
      throw new Error(
        `"${consumer.name}" gets the service "${service.name}", which the plugin "${offer.owner.name}" provides: ` +
          `add "${offer.owner.name}" to its dependsOn, or use when().`,
      );
    }
    return { it: this.#facade(offer, consumer) as T };
  }

  /** Why `find` found nothing, as an error for the one who asked. */
  missing(service: Service<unknown>, consumer: Owner): Error {
    const names = [...this.#offers.values()].map(({ name }) => name).filter((name) => name !== service.name);
    const hint = didYouMean(service.name, names);
    return new Error(
      `"${consumer.name}" gets the service "${service.name}", which nobody provides now` +
        (hint === "." ? ": name the plugin that provides it in its dependsOn, or use when()." : hint),
    );
  }

  when(service: Service<unknown>, owner: Owner, use: Wish["use"]): void {
    const wish: Wish = { service, owner, place: owner.scope.next(), use, granted: undefined };
    owner.scope.add(`when ${service.name}`, () => {
      this.#wishes.delete(wish);
    });
    this.#wishes.add(wish);
    this.#grant(wish);
  }

  /** Grants what was wished for and is offered within `scope`, in the order in which plugins start. */
  publish(scope: Scope): void {
    const wishes = [...this.#wishes].filter(({ service }) => this.#offers.get(service.id)?.owner.scope.isWithin(scope));
    for (const wish of wishes.sort(earlier)) this.#grant(wish);
  }

  #grant(wish: Wish): void {
    const { service, owner, place, use } = wish;
    const offer = this.#offers.get(service.id);
    if (wish.granted || !offer?.owner.scope.open || owner.scope.closed) return;
    const consumer = { ...owner, scope: owner.scope.child(`with ${service.name}`, place) };
    wish.granted = { offer, consumer };
    const crashed = (error: unknown) => {
      this.#around.report(owner.name, `when ${service.name}`, error);
      return this.#around.end(consumer);
    };
    try {
      const work = use(this.#facade(offer, consumer) as never, this.#around.contextOf(consumer));
      if (isPromise(work)) consumer.scope.flights.track(work).catch(crashed);
    } catch (error) {
      void crashed(error);
    }
  }

  #facade(offer: Offer, user: Owner): unknown {
    const known = offer.facades.get(user.scope);
    if (known) return known.facade;
    const consumer = { ...user, scope: user.scope.child(`using ${offer.name}`) };
    consumer.scope.add(`facade by ${offer.owner.name}`, () => {
      offer.facades.delete(user.scope);
    });
    const facade = offer.make(this.#around.contextOf(consumer));
    offer.facades.set(user.scope, { facade, consumer });
    return facade;
  }

  /** Ends, one after the other, everything that uses what is offered within `scope`. */
  async withdraw(scope: Scope): Promise<void> {
    for (const offer of this.#offers.values()) if (offer.owner.scope.isWithin(scope)) await this.#retract(offer);
  }

  async #retract(offer: Offer): Promise<void> {
    const wishes = [...this.#wishes].filter(({ granted }) => granted?.offer === offer);
    for (const wish of wishes.sort(earlier).reverse()) {
      await this.#around.end(wish.granted!.consumer);
      wish.granted = undefined;
    }
    for (const { consumer } of [...offer.facades.values()].reverse()) await this.#around.end(consumer);
  }

  /** What is offered and by whom, and who wishes for what. */
  snapshot(): { offered: Record<string, string>; wished: string[] } {
    const offered = [...this.#offers.values()].map(({ name, owner }) => [name, owner.name]).sort();
    const wished = [...this.#wishes].map(({ service, owner }) => `${owner.name}: ${service.name}`).sort();
    return { offered: Object.fromEntries(offered), wished };
  }
}
