"""500 reports started at once over three certificates."""

import threading
import time
import unittest

from harness import Site, example, examples, fresh, main, wait_for
from load import post

COUNT = 500


class Burst(unittest.TestCase):
    def test_exactly_500_at_the_desk(self):
        with Site() as site:
            base = min((example(n) for n in examples("good")), key=len)
            contexts = [site.context(w) for w in ("PARTNER", "PARTNER2", "PARTNER3")]
            gate = threading.Barrier(COUNT)
            left = []

            def one(i):
                body = fresh(base, "Mark%04d" % i)
                gate.wait()
                for _ in range(200):
                    status, after = post(site, contexts[i % 3], body, 60)
                    if status in (200, 201):
                        return
                    if status not in (None, 429, 503):
                        break
                    time.sleep(min(float(after or 0.2), 2))
                left.append((i, status))

            threading.stack_size(256 * 1024)
            threads = [threading.Thread(target=one, args=(i,)) for i in range(COUNT)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            self.assertEqual(left, [])
            wait_for(lambda: len(site.items()) >= COUNT, 120, "the desk")
            marks = site.texts()
            self.assertEqual(sorted(marks), ["Mark%04d" % i for i in range(COUNT)])


if __name__ == "__main__":
    main()
