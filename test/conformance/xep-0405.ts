import { no, type Row, yes } from "./row.ts";

/** MIX-PAM, 0.5.3: what the users' server does; `config/prosody/mod_mix_pam.lua` is ours. */
export const XEP_0405 = {
  "0405-2.1/1": yes(
    "A MIX User's server MUST determine which online clients support MIX.",
    "By their entity capabilities; a client whose capabilities are unknown is asked.",
  ),
  "0405-2.4/1": yes(
    "Servers supporting this specification MUST advertise this to clients for which they wish to support this specification.",
    "`urn:xmpp:mix:pam:2`, at the account.",
  ),
  "0405-2.4/2": yes(
    "the server MAY advertize the 'urn:xmpp:mix:pam:2#archive' feature, which shows that the local server archives MIX messages.",
    "Where `mod_mam` is loaded.",
  ),
  "0405-2.6/1": yes(
    "The Join and Leave functions lead to roster changes and so they MUST go through the participant's server.",
    "`client-join` and `client-leave`; whatever stands in them is passed on.",
  ),
  "0405-2.7/1": yes(
    "User joining a channel: <client-join/>",
    "In the name of the bare JID; the result comes back with the participant's ID.",
  ),
  "0405-2.8/1": yes("User leaving a channel: <client-leave/>", "The roster entry goes with the result."),
  "0405-2.9/1": yes(
    "As part of the channel joining process, the user's server MUST add the MIX channel to the user's roster.",
    "With what presence it takes, and with no question to the channel.",
  ),
  "0405-2.9/2": yes(
    "The participant's server MUST ensure that only presence information from clients that advertise MIX capability is sent to the MIX channel.",
    "Others' presence stays at home.",
  ),
  "0405-2.9/3": yes(
    "Roster subscription is one way, or none for a user who does not share his presence",
    "`from`-less entries where the preference `Presence` is `not share`.",
  ),
  "0405-2.9/4": yes(
    "The user's server MUST remove the user's roster entry when the user leaves the channel.",
    "Also when the channel answers that he is in it no more.",
  ),
  "0405-2.9.1/1": yes(
    "Setting User Presence: A user MAY share presence information with the channel, for the user's online clients.",
    "By the roster, as with any contact.",
  ),
  "0405-2.9.2/1": yes("Receiving User Presence", "Passed on to clients that speak MIX, and to no others."),
  "0405-2.10/1": yes(
    "MIX channels in the roster information returned in response to a request for this additional MIX information MUST have an element <channel/>",
    "On a roster get with `<annotate/>`.",
  ),
  "0405-2.10/2": yes(
    "The <channel/> element MUST also include a 'participant-id' attribute",
    "The Stable Participant ID.",
  ),
  "0405-2.10/3": yes(
    "Once a client has made an IQ request to return additional MIX information, the server MUST return this information on all subsequent roster updates",
    "In pushes to that client.",
  ),
  "0405-2.10/4": yes(
    "The server MUST NOT send additional MIX information when this has not been explicitly requested.",
    "Nor once a roster get came without `<annotate/>`.",
  ),
  "0405-2.11/1": yes(
    "Archive of MIX channel messages MAY be performed by the participant's server.",
    "By `mod_mam` of Prosody, once for each message, whether or not a client is online.",
  ),
  "0405-2.5/1": no(
    "Basic client behaviours: clients fall back to direct use of a channel",
    "A client's own: Masque serves direct joins all the same (docs/clients.md).",
  ),
} satisfies Record<string, Row>;
