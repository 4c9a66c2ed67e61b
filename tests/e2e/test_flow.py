"""What leaves, when, and in whose company: the pool, the slots and the cover of
the quick start, in which a day takes 20 seconds."""

import collections
import json
import re
import unittest

from harness import Site, example, examples, fresh, main, wait_for

GOOD = min(examples("good"), key=lambda n: len(example(n)))
FAST = "fast-lane-threat-with-gun.xml"
BATCH = 4


class Flow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site({"answer_grid_ms": "0"}, flow=True).start()

    @classmethod
    def tearDownClass(cls):
        cls.site.close()

    def listed(self):
        """How many reports the desk shows; cover is not among them."""
        s = self.site
        got = s.program("cutout-desk", "list", "--keys", s.dir + "/police",
                        "--origin", s.env["ORIGIN_CERT"], "--data", s.env["DESK_DATA"],
                        "--schema", s.dir + "/prefix/share/cutout/schema")
        return int(re.search(rb"(\d+) reports?, ", got.stdout).group(1))

    def entries(self):
        out = self.site.control("log", "export").stdout.decode()
        return [json.loads(l) for l in out.splitlines() if l.startswith("{")]

    def test_all_arrive_in_slots_that_look_alike(self):
        sent = 24
        for i in range(sent):
            body = fresh(example(FAST if i % 8 == 0 else GOOD))
            self.assertEqual(self.site.submit(body).status, 201)
        # nothing waits for longer than the maximum age of 48 hours
        wait_for(lambda: self.listed() == sent, 90, "every report at the desk")
        self.assertGreater(len(self.site.items()), sent)

        def counted():
            log = self.entries()
            days = [e["day"] for e in log if e["ev"] == "day"]
            return log if len(days) >= 3 else None
        log = wait_for(counted, 60, "three days of the log")
        days = [e["day"] for e in log if e["ev"] == "day"]
        slots = collections.Counter()
        for e in log:
            # a whole day in the middle: at its ends a slot may lie in two
            if e["ev"] == "forwarded" and e["class"] == 0 and e["day"] == days[1]:
                slots[e["slot"]] += 1
        self.assertGreater(len(slots), 20)
        inner = sorted(slots)[1:-1]
        # one of the fast lane, and four of the pool, have the same slot here
        self.assertEqual({slots[n] for n in inner}, {BATCH + 1}, slots)
        self.assertEqual(inner, list(range(inner[0], inner[-1] + 1)))

    def test_cover_can_not_be_asked_for(self):
        body = fresh(example(GOOD)).replace(b"<SubmissionKind>NEW<", b"<SubmissionKind>COVER<")
        self.assertEqual(self.site.submit(body).status, 422)


if __name__ == "__main__":
    main()
