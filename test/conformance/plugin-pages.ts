import type { Plugin } from "masque";
import { optionTexts } from "../../core/cli/example.ts";
import { bundled } from "../../plugins/index.ts";

/** The pages of docs/plugins: file name -> text. */
export function pluginPages(): Map<string, string> {
  const pages = bundled.map((plugin) => [`${plugin.name}.md`, page(plugin)] as const);
  const rows = bundled.map(({ name, summary }) => `| [${name}](${name}.md) | ${summary} |`);
  const index = `# The plugins\n\n${MADE}\n\n| | |\n|---|---|\n${rows.join("\n")}\n`;
  return new Map([["README.md", index], ...pages]);
}

const MADE =
  "Made from the plugins' own words by `npm run generate`. All are on unless the configuration says otherwise.";

function page({ name, summary, dependsOn = [], protects, options }: Plugin): string {
  const needs = dependsOn.map((other) => `[${other}](${other}.md)`).join(", ");
  const texts = optionTexts(`plugins.${name}`, options);
  const parts = [
    `# ${name}`,
    summary,
    needs && `It needs ${needs}, and waits while that is off.`,
    protects && "Channels rely on it: none is created while it is wanted and does not run.",
    `\`\`\`toml\n[plugins.${name}]\n${["#enabled = true", ...texts.map(({ line }) => line)].join("\n")}\n\`\`\``,
    texts.map((option) => `- \`${option.name}\`: ${plain(option.about)}`).join("\n"),
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function plain(text: string): string {
  return text.replace(/[<>*_]/g, "\\$&");
}
