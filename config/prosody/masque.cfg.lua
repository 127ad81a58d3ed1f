-- For prosody.cfg.lua: what Masque needs of Prosody.
--
-- MIX-PAM (XEP-0405) lets the server join channels for its users: channels come into their rosters, every client of
-- theirs that speaks MIX hears what is said, and mod_mam, where it is on, archives it for them. It takes two lines among
-- those that are there. Without it clients join by themselves, each for itself.
--
--   plugin_paths = { "/srv/masque/config/prosody" }    -- or wherever mod_mix_pam.lua was copied to
--   modules_enabled = { …; "mam", "mix_pam" }          -- besides those that are there
--   mix_pam_timeout = 60                               -- how long a channel may take to answer, in seconds; may be left out

-- The component Masque connects as. The domain needs no DNS entry unless other servers are to
-- reach its channels; the port (component_ports, 5347) should stay on loopback or a private net.
Component "mix.shakespeare.example"
  component_secret = "change me"
  -- Lists of participants and pages of history are long stanzas; the default is 512 KiB.
  component_stanza_size_limit = 4 * 1024 * 1024

-- For large channels: what is said there is handed over once for all users of this server (XEP-0033). The module is read
-- from the folder above; only the component that is named may use it, and only for users of this server.
Component "multicast.shakespeare.example" "mix_multicast"
  mix_multicast_for = { "mix.shakespeare.example" }
  mix_multicast_limit = 1000    -- users at a time; may be left out
