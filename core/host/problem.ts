/** Something wrong with a configuration, in words for the one who wrote it. */
export interface Problem {
  /** Where: the plugin's name, then the way to the option within it. */
  readonly path: readonly string[];
  readonly message: string;
}

/** A configuration that cannot be applied, with everything that is wrong with it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"));
    this.problems = problems;
  }
}
