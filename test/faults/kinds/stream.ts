import { serialize } from "masque";
import type { Inner } from "../inner.ts";
import type { Kind } from "../season.ts";

const MOST_HEARD = 600;

/** In the middle of a stanza, and of whatever it is being sent. */
export const cut: Kind<Inner> = {
  name: "stream cut",
  async strike(house, company, chance) {
    await company.hears(chance.upTo(MOST_HEARD));
    const whole = serialize(company.hecate.person.words("Never heard in full"));
    const half = house.breaksOff(whole.slice(0, chance.upTo(whole.length - 1)));
    if (chance.of(0.5)) await half;
    house.server.drop();
    await house.returns();
  },
};

export const restarted: Kind<Inner> = {
  name: "server restarted",
  async strike(house, company, chance) {
    await company.hears(chance.upTo(MOST_HEARD));
    const { port } = house.server;
    await house.server.close();
    await house.server.listen(port);
    await house.returns();
  },
};

/** Nobody says that the connection is lost. */
export const halfOpen: Kind<Inner> = {
  name: "half-open TCP",
  async strike(house, company, chance) {
    await company.hears(chance.upTo(MOST_HEARD));
    house.relay.falls();
    await house.notices();
    await house.returns();
  },
};
