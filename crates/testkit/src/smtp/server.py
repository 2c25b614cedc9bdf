"""A mail server for tests, made of aiosmtpd. Its behaviour depends on the recipient; see `handle_RCPT`.

Prints `port N` when it listens, then one JSON line for each mail that it took: what it was handed, and what Python's own
parser of mail makes of it.
"""

import asyncio
import base64
import email
import email.policy
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

settings = json.loads(sys.argv[1])
# What clients do wrong on purpose is no news.
logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)
warnings.simplefilter("ignore")


def say(line):
    print(line, flush=True)


class Handler:
    def __init__(self):
        self.seen = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        local = address.split("@")[0]
        if local == "refused":
            return f"550 5.1.1 <{address}>: no such user here"
        if local == "busy":
            return f"451 4.3.0 <{address}>: try again later"
        if local == "hangs":
            await asyncio.sleep(3600)
        if local == "greylisted" and address not in self.seen:
            self.seen.add(address)
            return "451 4.7.1 greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        local = envelope.rcpt_tos[0].split("@")[0]
        if local == "toolarge":
            return "554 5.3.4 message too big"
        raw = envelope.original_content
        message = email.message_from_bytes(raw, policy=email.policy.default)
        part = message.get_body()
        say(
            json.dumps(
                {
                    "mail_from": envelope.mail_from,
                    "rcpt_tos": envelope.rcpt_tos,
                    "encrypted": session.ssl is not None or settings["tls"] == "implicit",
                    "user": session.auth_data.login.decode() if session.auth_data else None,
                    "defects": [str(defect) for defect in message.defects],
                    "headers": {name: str(value) for name, value in message.items()},
                    "charset": part.get_content_charset(),
                    "encoding": str(message["Content-Transfer-Encoding"]),
                    "text": part.get_content(),
                    "raw": base64.b64encode(raw).decode(),
                }
            )
        )
        if local == "vanishes":
            server.transport.write(b"250 OK\r\n")
            server.transport.close()
        return "250 OK"


def authenticate(server, session, envelope, mechanism, auth_data):
    known = (settings["user"] or "").encode(), (settings["password"] or "").encode()
    good = auth_data is not None and (auth_data.login, auth_data.password) == known
    return AuthResult(success=good, handled=False, auth_data=auth_data if good else None)


async def main():
    context = None
    if settings["tls"] != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(settings["certificate"], settings["key"])
    handler = Handler()

    def session():
        return SMTP(
            handler,
            hostname="localhost",
            tls_context=context if settings["tls"] == "starttls" else None,
            require_starttls=settings["tls"] == "starttls",
            authenticator=authenticate if settings["user"] else None,
            auth_required=bool(settings["user"]),
            auth_require_tls=settings["tls"] == "starttls",
        )

    implicit = context if settings["tls"] == "implicit" else None
    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0, ssl=implicit)
    say(f"port {server.sockets[0].getsockname()[1]}")
    await server.serve_forever()


asyncio.run(main())
