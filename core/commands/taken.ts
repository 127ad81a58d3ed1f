import { z } from "zod";
import type { Expected } from "../host/expectation.ts";
import type { Command } from "./command.ts";

/** One thing a command takes, as its schema has it. */
export interface Taken {
  readonly name: string;
  readonly isRequired: boolean;
  readonly expected: Expected;
}

/** What a command takes, in the order in which it is declared. */
export function takenBy({ takes }: Pick<Command, "takes">): readonly Taken[] {
  if (!takes) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(takes, { io: "input", unrepresentable: "any" });
  return Object.entries(properties).map(([name, expected]) => ({
    name,
    isRequired: required.includes(name),
    expected: expected as Expected,
  }));
}
