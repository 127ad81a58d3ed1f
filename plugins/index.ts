import type { Plugin } from "masque";
import access from "./access/index.ts";
import admin from "./admin/index.ts";
import archive from "./archive/index.ts";
import avatar from "./avatar/index.ts";
import channels from "./channels/index.ts";
import commands from "./commands/index.ts";
import info from "./info/index.ts";
import invitations from "./invitations/index.ts";
import iqRelay from "./iq-relay/index.ts";
import jidmap from "./jidmap/index.ts";
import lifetime from "./lifetime/index.ts";
import limits from "./limits/index.ts";
import messages from "./messages/index.ts";
import multicast from "./multicast/index.ts";
import nicknames from "./nicknames/index.ts";
import participants from "./participants/index.ts";
import ping from "./ping/index.ts";
import preferences from "./preferences/index.ts";
import presence from "./presence/index.ts";
import privateMessages from "./private-messages/index.ts";
import retraction from "./retraction/index.ts";
import vcard from "./vcard/index.ts";
import version from "./version/index.ts";
import visibility from "./visibility/index.ts";

/** The plugins that come with Masque; all are on unless the configuration says otherwise. */
export const bundled: readonly Plugin[] = [
  channels,
  participants,
  messages,
  archive,
  retraction,
  visibility,
  preferences,
  jidmap,
  presence,
  privateMessages,
  vcard,
  iqRelay,
  nicknames,
  lifetime,
  commands,
  info,
  admin,
  access,
  invitations,
  avatar,
  ping,
  version,
  limits,
  multicast,
];
