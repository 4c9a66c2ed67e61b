"""Many partners at once: threads that send marked reports and keep book of
every answer, for the kill and burst tests."""

import http.client
import random
import secrets
import ssl
import threading
import time

from harness import PATIENCE, example, examples, fresh


class Book:
    """What each marked report was answered. All under one lock."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent, self.kept, self.unknown, self.returned = set(), set(), set(), set()
        self.lost = set()  # answered 500, "not kept", at the first attempt
        self.statuses = {}
        self.in_flight = 0
        self.most_in_flight = 0

    def enter(self, mark):
        with self.lock:
            self.sent.add(mark)
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def leave(self, mark, status):
        with self.lock:
            self.in_flight -= 1
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status in (200, 201):
                self.kept.add(mark)
                self.unknown.discard(mark)
            elif status in (None, 503):
                if mark not in self.kept:
                    self.unknown.add(mark)
            elif status == 500:
                if mark not in self.unknown:
                    self.lost.add(mark)
            else:
                self.returned.add(mark)

    def kept_count(self):
        with self.lock:
            return len(self.kept)


def post(site, context, body, timeout=30):
    """The HTTP status, or None when no answer came."""
    c = http.client.HTTPSConnection("127.0.0.1", site.port, context=context,
                                    timeout=timeout * PATIENCE)
    try:
        c.request("POST", "/v1/reports", body, {"Content-Type": "application/xml"})
        r = c.getresponse()
        r.read()
        return r.status, r.getheader("Retry-After")
    except (ssl.SSLError, OSError, http.client.HTTPException):
        return None, None
    finally:
        c.close()


class Load:
    """count senders over the three partners, until stop()."""

    def __init__(self, site, count, pause=0.0, retry_unknown=True):
        self.site, self.book = site, Book()
        self.pause, self.retry_unknown = pause, retry_unknown
        self.stopping = threading.Event()
        base = min((example(n) for n in examples("good")), key=len)
        self.threads = [threading.Thread(target=self.work, daemon=True,
                                         args=(base, site.context(who)))
                        for i in range(count)
                        for who in [("PARTNER", "PARTNER2", "PARTNER3")[i % 3]]]

    def start(self):
        for t in self.threads:
            t.start()
        return self

    def work(self, base, context):
        while not self.stopping.is_set():
            mark = "Mark" + secrets.token_hex(8)
            body = fresh(base, mark)
            while True:
                self.book.enter(mark)
                status, after = post(self.site, context, body)
                self.book.leave(mark, status)
                if status not in (None, 429, 503):
                    break
                # a lost answer is asked again with the same id by most, and
                # left unknown by some, as people do
                if self.stopping.is_set() or (
                        not self.retry_unknown and random.random() < 0.2):
                    break
                # nobody there: a client that asked at once would only take the
                # processor from a gateway that starts
                time.sleep(min(float(after or (0.25 if status is None else 0.05)), 1))
            if self.pause:
                time.sleep(random.random() * self.pause)

    def stop(self):
        self.stopping.set()
        for t in self.threads:
            t.join(60 * PATIENCE)
