"""moto's S3 server on a port of the loopback, answering one request at a time.

Its answers to S3 are made by one object that all of its threads share, so that requests which come
together can get each other's headers.
"""

import os
import sys
import threading

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

port = int(sys.argv[1])
# Where its own requests go, when it does again what it was asked before.
os.environ["MOTO_PORT"] = str(port)
moto = DomainDispatcherApplication(create_backend_app)
turn = threading.Lock()


def in_turn(environ, start_response):
    # What is asked of moto itself makes requests of its own.
    if environ["PATH_INFO"].startswith("/moto-api"):
        return moto(environ, start_response)
    with turn:
        return list(moto(environ, start_response))


run_simple("127.0.0.1", port, in_turn, threaded=True)
