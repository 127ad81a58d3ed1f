-- For prosody.cfg.lua: the component Masque connects as. The domain needs no DNS entry unless other servers are to
-- reach its channels; the port (component_ports, 5347) should stay on loopback or a private net.
Component "mix.shakespeare.example"
  component_secret = "change me"
  -- Lists of participants and pages of history are long stanzas; the default is 512 KiB.
  component_stanza_size_limit = 4 * 1024 * 1024
