"""A client of slixmpp, its plugins as they come, that a test drives by lines of JSON.

    client.py JID PASSWORD PORT

It connects to 127.0.0.1 and writes {"online": "its full JID"}. Each line it reads is {"id": 1, "do": "join", "with": [...]};
each is answered by {"id": 1, "result": ...}, or by {"id": 1, "refusal": {"condition": ..., "type": ..., "text": ...}}.
What reaches it by itself is written as {"heard": {...}}, {"participant": {...}}, {"info": {...}}, {"private": {...}},
{"seen": {...}}, {"retracted": ...} and {"pushed": [...]}.
It ends when its input does.
"""

import asyncio
import json
import logging
import sys
import traceback
import xml.etree.ElementTree as ET

from slixmpp import JID, ClientXMPP
from slixmpp.exceptions import IqError

CORE = 'urn:xmpp:mix:core:1'
ADMIN = 'urn:xmpp:mix:admin:0'
INFO = 'urn:xmpp:mix:nodes:info'
CONFIG = 'urn:xmpp:mix:nodes:config'
NS_COMMANDS = 'http://jabber.org/protocol/commands'
JIDMAP = 'urn:xmpp:mix:nodes:jidmap'

PLUGINS = [
    f'xep_{number}'
    for number in '0030 0050 0054 0060 0199 0313 0359 0369 0403 0404 0405 0424 0425'.split()
]


def say(**what):
    print(json.dumps(what, default=str), flush=True)


def told(message):
    """A reflected message, or one from the archive, as slixmpp's stanza classes read it."""
    return {
        'id': message['id'],
        'from': str(message['from']),
        'body': message['body'],
        'nick': message['mix']['nick'],
        'jid': str(message['mix']['jid']),
        'stanza_id': message['stanza_id']['id'],
        'by': str(message['stanza_id']['by']),
    }


def chosen(form):
    """What a form of preferences says, by name."""
    return {name: value for name, value in form.get_values().items() if name != 'FORM_TYPE'}


def entry(item):
    """An item of the roster; "" for the participant of one that is not marked as a channel."""
    channel = item.get_plugin('channel', check=True)
    return {
        'jid': str(item['jid']),
        'subscription': item['subscription'],
        'participant': channel['participant-id'] if channel else '',
    }


class Client(ClientXMPP):
    def __init__(self, jid, password):
        super().__init__(jid, password)
        for plugin in PLUGINS:
            self.register_plugin(plugin)
        self.mix = self['xep_0369']
        self.anon = self['xep_0404']
        self.pam = self['xep_0405']
        self.add_event_handler('session_start', self.begin)
        self.add_event_handler('failed_all_auth', lambda _: sys.exit('The server refused the password.'))
        self.add_event_handler('mix_message', lambda message: say(heard=told(message)))
        self.add_event_handler('message', self.message_came)
        self.add_event_handler('mix_participant_info_publish', self.participant_came)
        self.add_event_handler('mix_participant_info_retract', self.participant_went)
        self.add_event_handler('mix_channel_info_publish', self.info_changed)
        self.add_event_handler('mix_presence', self.presence_came)
        self.add_event_handler('message_retract', lambda message: say(retracted=message['apply_to']['id']))
        self.add_event_handler('roster_update', self.roster_changed)

    async def begin(self, _):
        self.send_presence()
        await self.get_roster()
        say(online=str(self.boundjid))

    def message_came(self, message):
        if message['type'] in ('chat', 'normal'):
            say(private={'from': str(message['from']), 'type': message['type'], 'body': message['body']})

    def participant_came(self, message):
        item = message['pubsub_event']['items']['item']
        participant = item['mix_participant']
        say(participant={'id': item['id'], 'nick': participant['nick'], 'jid': str(participant['jid'])})

    def participant_went(self, message):
        say(participant={'id': message['pubsub_event']['items']['retract']['id'], 'gone': True})

    def info_changed(self, message):
        say(info=message['pubsub_event']['items']['item']['form'].get_values())

    def presence_came(self, presence):
        say(seen={'from': str(presence['from']), 'show': presence['show'], 'nick': presence['mix']['nick']})

    def roster_changed(self, iq):
        if iq['type'] == 'set':
            say(pushed=[entry(item) for item in iq['roster']])

    # What a test may ask of it.

    async def services(self, domain):
        items = await self['xep_0030'].get_items(jid=domain)
        return [jid for jid, _, _ in items['disco_items']['items']]

    async def describe(self, jid):
        info = (await self['xep_0030'].get_info(jid=jid))['disco_info']
        identities = [[category, kind, name] for category, kind, _, name in info['identities']]
        return {'identities': identities, 'features': sorted(info['features'])}

    async def can_create(self, service):
        return await self.mix.can_create_channel(JID(service))

    async def create(self, service, channel):
        return await self.mix.create_channel(JID(service), channel)

    async def channels(self, service):
        return [str(jid) for jid, _ in await self.mix.list_channels(JID(service))]

    async def join(self, channel, nick):
        return sorted(await self.mix.join_channel(JID(channel), nick))

    async def subscribe(self, channel, on, off):
        return [sorted(left) for left in await self.mix.update_subscription(JID(channel), set(on), set(off))]

    async def nick(self, channel, nick):
        return await self.mix.set_nick(JID(channel), nick)

    async def nodes(self, channel):
        return sorted(await self.mix.list_mix_nodes(JID(channel)))

    async def participants(self, channel):
        listed = await self.mix.list_participants(JID(channel))
        return [{'id': ID, 'nick': nick, 'jid': str(jid or '')} for ID, nick, jid in listed]

    async def info(self, channel):
        return await self.mix.get_channel_info(JID(channel))

    async def name(self, channel, name):
        await self['xep_0060'].publish(JID(channel), INFO, payload=self.form(CORE, {'Name': name}))

    async def configure(self, channel, values):
        await self['xep_0060'].publish(JID(channel), CONFIG, payload=self.form(ADMIN, values))

    def form(self, kind, values):
        form = self['xep_0004'].make_form(ftype='submit')
        form.add_field(var='FORM_TYPE', ftype='hidden', value=kind)
        for name, value in values.items():
            form.add_field(var=name, value=value)
        return form

    async def preferences(self, channel):
        """Each preference with what is chosen and what may be, from XEP-0404's template."""
        form = await self.anon.get_preferences(JID(channel))
        return {
            name: {'value': form.get_values()[name], 'options': [option['value'] for option in field['options']]}
            for name, field in form.get_fields().items()
            if name != 'FORM_TYPE'
        }

    async def set_preferences(self, channel, values):
        """XEP-0404's own call. slixmpp 1.8.3 loses the form on the way: an empty one of type "form" goes out."""
        return chosen(await self.anon.set_preferences(JID(channel), self.form(self.anon.namespace, values)))

    async def choose(self, channel, values):
        """The same with XEP-0404's stanzas, which its call is made of, and the form put where it belongs."""
        iq = self.make_iq_set(ito=JID(channel))
        iq['user_preference'].append(self.form(self.anon.namespace, values))
        return chosen((await iq.send())['user_preference']['form'])

    async def jidmap(self, channel):
        """Which ID is whose, as XEP-0404's stanzas read the node."""
        answer = await self['xep_0060'].get_items(JID(channel), JIDMAP)
        return {item['id']: str(item['anon_participant']['jid']) for item in answer['pubsub']['items']}

    async def jidmap_by_disco(self, channel):
        return await self.anon.get_anon_by_id(JID(channel))

    async def whisper(self, proxy, body):
        self.send_message(mto=JID(proxy), mbody=body, mtype='chat')

    async def show(self, show, to):
        self.send_presence(pshow=show, pto=to)

    async def introduce(self, name):
        vcard = self['xep_0054'].make_vcard()
        vcard['FN'] = name
        await self['xep_0054'].publish_vcard(vcard)

    async def vcard(self, jid):
        return (await self['xep_0054'].get_vcard(JID(jid), local=False, cached=False))['vcard_temp']['FN']

    async def retract(self, channel, archive_id):
        self['xep_0424'].send_retraction(JID(channel), archive_id, mtype='groupchat')

    async def moderate(self, channel, archive_id, reason):
        await self['xep_0425'].moderate(JID(channel), archive_id, reason)

    async def publish(self, channel, node, item):
        await self['xep_0060'].publish(JID(channel), node, id=item)

    async def speak(self, channel, body):
        self.send_message(mto=JID(channel), mbody=body, mtype='groupchat')

    async def archive(self, channel, page):
        """The whole archive, in pages of this size."""
        results = self['xep_0313'].iterate(jid=JID(channel), rsm={'max': page})
        return [
            {**told(result['mam_result']['forwarded']['stanza']), 'archive_id': result['mam_result']['id']}
            async for result in results
        ]

    async def page(self, channel, size):
        """One page of the archive, by the call that does not iterate."""
        answer = await self['xep_0313'].retrieve(jid=JID(channel), rsm={'max': size})
        return {
            'bodies': [each['mam_result']['forwarded']['stanza']['body'] for each in answer['mam']['results']],
            'count': answer['mam_fin']['rsm']['count'],
        }

    async def own_archive(self, page):
        """The whole archive that the account's server keeps, in pages of this size."""
        results = self['xep_0313'].iterate(rsm={'max': page})
        return [told(result['mam_result']['forwarded']['stanza']) async for result in results]

    async def ping(self, jid):
        await self['xep_0199'].send_ping(JID(jid))

    async def leave(self, channel):
        await self.mix.leave_channel(JID(channel))

    async def client_join(self, channel, nick):
        return sorted(await self.pam.join_channel(JID(channel), nick))

    async def client_leave(self, channel):
        await self.pam.leave_channel(JID(channel))

    async def begin_client_leave(self, channel):
        """Not waited for: ejabberd's PAM crashes on the channel's result, and never answers its client."""
        asyncio.ensure_future(self.pam.leave_channel(JID(channel)))

    async def has_pam(self):
        return await self.pam.check_server_capability()

    async def mix_roster(self):
        contacts, channels = await self.pam.get_mix_roster()
        return {'contacts': [entry(item) for item in contacts], 'channels': [entry(item) for item in channels]}

    async def plain_roster(self):
        """The roster as a client asks for it that knows nothing of channels, nor of versions."""
        iq = self.make_iq_get()
        iq.enable('roster')
        return [entry(item) for item in (await iq.send())['roster']]

    async def destroy(self, channel):
        await self.mix.destroy_channel(JID(channel))

    async def destroy_by_hand(self, channel):
        iq = self.make_iq_set(ito=JID(channel).server)
        iq.append(ET.Element(f'{{{CORE}}}destroy', {'channel': JID(channel).user}))
        await iq.send()

    async def commands(self, jid):
        items = await self['xep_0050'].get_commands(JID(jid))
        return {node: name for _, node, name in items['disco_items']['items']}

    async def command(self, jid, node, *filled):
        """Goes through a command, a form for each stage; returns what each stage told."""
        stages = []
        done = asyncio.get_running_loop().create_future()

        def next_stage(iq, session):
            command = iq['command']
            form = command['form']
            stages.append({
                'status': command['status'],
                'notes': [text for _, text in command['notes']],
                'fields': [name for name in form.get_fields() if name != 'FORM_TYPE'],
                'values': form.get_values(),
                'items': [dict(item) for item in form['items']],
            })
            if command['status'] != 'executing' or len(stages) > len(filled):
                return done.done() or done.set_result(stages)
            session['payload'] = self.form(NS_COMMANDS, filled[len(stages) - 1])
            self['xep_0050'].complete_command(session)

        def failed(iq, session):
            done.set_exception(IqError(iq))

        self['xep_0050'].start_command(JID(jid), node, {'next': next_stage, 'error': failed})
        return await done



async def answer(client, asked):
    try:
        result = await getattr(client, asked['do'])(*asked['with'])
        say(id=asked['id'], result=result)
    except IqError as error:
        say(id=asked['id'], refusal={'condition': error.condition, 'type': error.etype, 'text': error.text})
    except Exception:
        say(id=asked['id'], crash=traceback.format_exc())


async def converse(client, port):
    client.connect(('127.0.0.1', int(port)), disable_starttls=True, force_starttls=False)
    reader = asyncio.StreamReader()
    await client.loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        asyncio.ensure_future(answer(client, json.loads(line)))


if __name__ == '__main__':
    logging.basicConfig(level=logging.WARNING)
    jid, password, port = sys.argv[1:]
    client = Client(jid, password)
    client.loop.run_until_complete(converse(client, port))
