"""Role x route: the table denies by default."""

import json
import os
import re
import ssl
import unittest

from harness import EXAMPLES, Site, example, examples, fresh, main

PARTNER, POLICE = "PARTNER", "POLICE"
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH")
SCHEMA = ("/v1/schema/report.xsd", "/v1/schema/codes.xsd", "/v1/schema/sealed.xsd",
          "/v1/schema/sealed.tsv", "/v1/schema/rules.tsv", "/v1/schema/words.tsv",
          "/v1/openapi.yaml")
UNKNOWN = ("/", "/v1", "/v1/", "/v1/reports/", "/v1/reports/1", "/v2/reports",
           "/v1/schema", "/v1/schema/", "/v1/schema/../openapi.yaml",
           "/v1/schema/%2e%2e/openapi.yaml", "/v1/queue", "/v1/queue/ack",
           "/v1/log/checkpoint", "/v1/bundle/2026-11-24", "/v1/status", "/metrics",
           "/v1//reports", "/V1/reports", "/v1/reports?x=1", "/favicon.ico",
           "/v1/schema/origin.key")


class Routes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site().start()

    @classmethod
    def tearDownClass(cls):
        cls.site.close()

    def ask(self, method, path, who):
        body = b"<x/>" if method in ("POST", "PUT", "PATCH") else None
        return self.site.request(method, path, body, who).status

    def test_walk(self):
        for who in (PARTNER, POLICE):
            for path in SCHEMA:
                for method in METHODS:
                    got = self.ask(method, path, who)
                    want = 200 if method == "GET" else (405, 400)
                    if isinstance(want, int):
                        self.assertEqual(got, want, (who, method, path))
                    else:
                        self.assertIn(got, want, (who, method, path))
            for path in ("/v1/reports", "/v1/check"):
                for method in METHODS:
                    got = self.ask(method, path, who)
                    if method != "POST":
                        self.assertIn(got, (405, 400), (who, method, path))
                    elif who == POLICE:
                        self.assertEqual(got, 403, (who, method, path))
                    elif path == "/v1/check":
                        # 200 with the findings: it only looked
                        self.assertEqual(got, 200, (who, method, path))
                    else:
                        self.assertIn(got, (400, 422), (who, method, path))
            for path in UNKNOWN:
                self.assertIn(self.ask("GET", path, who), (404, 400), (who, path))
                self.assertIn(self.ask("POST", path, who), (404, 400), (who, path))
            self.assertEqual(self.ask("GET", "/v1/nothing", who), 404)

    def test_what_is_served_is_the_whole_contract(self):
        """A partner checks by the files that this gateway serves."""
        folder = os.path.join(self.site.dir, "served")
        os.mkdir(folder)
        for path in SCHEMA:
            got = self.site.request("GET", path, None, PARTNER)
            with open(os.path.join(folder, path.split("/")[-1]), "wb") as f:
                f.write(got.body)
        if self.site.owner:
            os.chmod(folder, 0o755)
        report = os.path.join(EXAMPLES, "good", examples("good")[0])
        got = self.site.program("cutout-submit", "check", "--schema", folder, report,
                                check=False)
        self.assertIn(got.returncode, (0, 7), got.stderr)
        self.assertIn(b"nothing stands against it", got.stdout)

    def test_a_problem_has_what_is_described(self):
        described = self.site.request("GET", "/v1/openapi.yaml", None, PARTNER).body.decode()
        problem = re.search(r"^    Problem:$.*?required: \[([^]]*)\]", described,
                            re.M | re.S)
        required = set(problem.group(1).split(", "))
        self.assertLess({"findings", "more", "advice"}, required)
        for who, method, path, body in (
                (PARTNER, "GET", "/v1/nothing", None), (PARTNER, "PUT", "/v1/reports", b"<x/>"),
                (POLICE, "POST", "/v1/reports", b"<x/>"), (PARTNER, "POST", "/v1/reports", b"<x>"),
                (PARTNER, "POST", "/v1/reports", b"<x/>")):
            got = self.site.request(method, path, body, who)
            self.assertGreaterEqual(got.status, 400)
            self.assertEqual(set(json.loads(got.body)), required, (method, path, got.body))

    def test_nobody_without_a_certificate(self):
        for path in SCHEMA + ("/v1/reports",):
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                self.ask("GET", path, None)

    def test_partner_accepted(self):
        for who in ("PARTNER", "PARTNER2", "PARTNER3"):
            got = self.site.submit(fresh(example(examples("good")[0])), who)
            self.assertEqual(got.status, 201, got.body)


if __name__ == "__main__":
    main()
