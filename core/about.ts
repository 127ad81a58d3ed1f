import { service } from "./container.ts";

/** What this service is, for plugins that tell others. */
export interface About {
  /** The component's domain. */
  readonly domain: string;
  /** What people call the service. */
  readonly name: string;
  /** Bare JIDs that may manage every channel and the service itself. */
  readonly operators: readonly string[];
  /** Masque's version. */
  readonly version: string;
}

export const About = service<About>("about");
