import type { Chance } from "./chance.ts";
import { Company } from "./company.ts";
import type { House } from "./house.ts";
import type { Problem } from "./oracle.ts";

/** Something that befalls a service. */
export interface Kind<H extends House = House> {
  readonly name: string;
  /** Does it while the company plays, and mends it; resolves when the service is connected and can store again. */
  strike(house: H, company: Company, chance: Chance): Promise<void>;
}

/** One fault, and what it did. */
export interface Outcome {
  readonly kind: string;
  readonly problems: readonly Problem[];
}

/** Where faults happen, and to whom. */
export class Season<H extends House> {
  readonly company: Company;
  readonly #house: H;
  readonly #chance: Chance;

  private constructor(house: H, chance: Chance) {
    this.#house = house;
    this.#chance = chance;
    this.company = new Company(house, chance);
  }

  static async begin<H extends House>(house: H, chance: Chance): Promise<Season<H>> {
    const season = new Season(house, chance);
    await house.start();
    await season.company.gathers();
    return season;
  }

  /** How much was sent to the channel and in private, and how many copies were heard. */
  get counts(): { readonly sent: number; readonly heard: number } {
    const { players, hearing } = this.company;
    const sent = players.reduce((sum, player) => sum + player.sent, 0);
    return { sent: sent + hearing.whispers.length, heard: hearing.copies + hearing.whispers.length };
  }

  /** Lets something happen while everybody talks; returns what is wrong after it. */
  async suffers(kind: Kind<H>): Promise<Problem[]> {
    const { company } = this;
    const { stream } = company;
    const playing = company.plays();
    await kind.strike(this.#house, company, this.#chance);
    company.hush();
    await playing;
    return company.problems(company.stream === stream);
  }
}
