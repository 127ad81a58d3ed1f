import { service } from "../container.ts";

/** What service discovery advertises (XEP-0030), as the running plugins have said. */
export interface Features {
  of(where: "service" | "channel"): string[];
}

export const Features = service<Features>("features");

export class FeatureList implements Features {
  readonly #known = { service: new Map<string, number>(), channel: new Map<string, number>() };

  /** Advertises `namespace` until the returned function is called; several may advertise the same. */
  add(namespace: string, where: "service" | "channel" | "both"): () => void {
    const lists = where === "both" ? (["service", "channel"] as const) : [where];
    for (const list of lists) this.#known[list].set(namespace, (this.#known[list].get(namespace) ?? 0) + 1);
    return () => {
      for (const list of lists) {
        const left = (this.#known[list].get(namespace) ?? 1) - 1;
        if (left === 0) this.#known[list].delete(namespace);
        else this.#known[list].set(namespace, left);
      }
    };
  }

  of(where: "service" | "channel"): string[] {
    return [...this.#known[where].keys()].sort();
  }
}
