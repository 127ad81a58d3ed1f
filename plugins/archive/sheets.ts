import { type Channel, CORE, type Element, NODE, serialize, type Turned, xml } from "masque";
import type { Archive, Render } from "./records.ts";

const SHEETS = { info: NODE.INFO, config: NODE.CONFIG } as const;

/** What is published to the information and the configuration node is archived (XEP-0406 §2.4), but for the JIDs in it. */
export function archiveSheets(
  archive: Archive,
  formOf: (sheet: keyof typeof SHEETS, channel: Channel) => Element,
): (turned: Turned) => void {
  const keep = { info: archive.of(NODE.INFO, render), config: archive.of(NODE.CONFIG, render) };
  return ({ channel, state, sequel }) => {
    for (const sheet of ["info", "config"] as const) {
      const { id } = channel.state[sheet];
      if (id === state[sheet].id) continue;
      const payload = serialize(xml("item", { id }, formOf(sheet, channel)));
      keep[sheet](sequel, channel, { sender: "", nick: "", shown: false, payload });
    }
  };
}

/** What is kept has the form type of today; it comes first in the form. */
const render: Render = ({ payload }, _channel, { generation }) => payload.replace(CORE[1], CORE[generation]);
