"""The way of a report: from a partner's XML to the police desk."""

import os
import unittest
import xml.etree.ElementTree as ET

from harness import (EXAMPLES, Site, example, examples, fresh, main, object_name,
                     run, wait_for)


class Way(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site().start()

    @classmethod
    def tearDownClass(cls):
        cls.site.close()

    def curl(self, path, body_file, who="PARTNER"):
        e = self.site.env
        got = run("curl", "-sS", "--cacert", e["CA"], "--cert", e[who + "_CERT"],
                  "--key", e[who + "_KEY"], "-H", "Content-Type: application/xml",
                  "--data-binary", "@" + body_file, "-o", "/dev/stderr",
                  "-w", "%{http_code}", e["URL"] + path)
        return int(got.stdout), got.stderr

    def test_curl_gets_201_then_200_duplicate(self):
        name = os.path.join(EXAMPLES, "good", examples("good")[0])
        status, body = self.curl("/v1/reports", name)
        self.assertEqual(status, 201, body)
        self.assertIn(b'"ACCEPTED"', body)
        status, body = self.curl("/v1/reports", name)
        self.assertEqual(status, 200, body)
        self.assertIn(b'"DUPLICATE"', body)

    def test_every_good_example_is_accepted_and_reaches_the_desk_once(self):
        marks = set()
        for i, name in enumerate(examples("good")):
            who = ("PARTNER", "PARTNER2", "PARTNER3")[i % 3]
            mark = "Mark%04dgood" % i
            # the example at the size limit has no room for another word
            body = example(name)
            body = fresh(body, mark if len(body) < 900000 else None)
            got = self.site.submit(body, who)
            self.assertEqual(got.status, 201, (name, got.body))
            if len(body) < 900000:
                marks.add(mark)
        wait_for(lambda: marks <= set(self.site.texts()), 90, "the desk")
        texts = [t for t in self.site.texts() if t.endswith("good")]
        self.assertEqual(sorted(texts), sorted(marks))

    def test_only_warnings_are_accepted(self):
        for name in examples("warn"):
            got = self.site.submit(fresh(example(name, "warn")))
            self.assertEqual(got.status, 201, (name, got.body))
            self.assertTrue(got.rules, name)

    def test_bad_examples_are_returned_with_their_rule(self):
        for name in examples("bad"):
            got = self.site.submit(example(name, "bad"))
            self.assertIn(got.status, (400, 413, 422), (name, got.body))
            rule = name.split("-")[0]
            if rule in ("BR", "CT"):
                rule = "-".join(name.split("-")[:2])
            self.assertIn(rule, got.rules, (name, got.body))

    def test_check_stores_nothing(self):
        before = len(self.site.items())
        body = fresh(example(examples("good")[0]), "Markcheckonly")
        got = self.site.submit(body, path="/v1/check")
        self.assertEqual(got.status, 200, got.body)
        # the same Id may still be sent: nothing was kept of the check
        self.assertEqual(self.site.submit(body).status, 201)
        self.assertGreaterEqual(len(self.site.items()), before)

    def test_the_opened_report_has_no_trace_of_its_submitter(self):
        body = fresh(example("with-submitter.xml")
                     if os.path.exists(os.path.join(EXAMPLES, "good", "with-submitter.xml"))
                     else self.with_submitter(), "Marktraceless")
        self.assertEqual(self.site.submit(body).status, 201)
        wait_for(lambda: "Marktraceless" in self.site.texts(), 60, "the item")
        secret = [b"Zebedee Quillfeather", b"zq@council.example", b"ACME-Builder",
                  b"a comment that says who", b"HOUSING-ASSOC"]
        for path in self.site.items():
            self.assertEqual(os.path.basename(path), object_name(path) + ".p7m")
            plain = self.site.open_item(path)
            for word in secret:
                self.assertNotIn(word, plain)
            root = ET.fromstring(plain.decode())
            for gone in ("Submitter", "Envelope", "CreatedAt", "Declarations"):
                self.assertIsNone(root.find(".//{*}" + gone))
            self.assertEqual(len(plain) in (32768, 262144, 1048576), True)

    def with_submitter(self):
        body = example(examples("good")[0])
        import re
        body = re.sub(b"<Submitter>.*?</Submitter>", b"", body, flags=re.S)
        body = re.sub(b"<ClientSoftware>.*?</ClientSoftware>", b"", body, flags=re.S)
        body = body.replace(
            b"</CreatedAt>", b"</CreatedAt><ClientSoftware>ACME-Builder 9</ClientSoftware>", 1)
        return body.replace(
            b"</Envelope>",
            b"</Envelope><!-- a comment that says who --><Submitter>"
            b"<PersonName>Zebedee Quillfeather</PersonName>"
            b"<Email>zq@council.example</Email>"
            b"<OrganisationClass>HOUSING-ASSOC</OrganisationClass></Submitter>", 1)

    def test_one_length_for_every_object_of_a_class(self):
        wait_for(lambda: len(self.site.items()) >= 1, 60, "an item")
        sizes = {os.path.getsize(p) for p in self.site.items()}
        self.assertLessEqual(len(sizes), 3, sizes)

    def test_all_answers_have_one_size(self):
        good = self.site.submit(fresh(example(examples("good")[0])))
        bad = self.site.submit(example(examples("bad")[0], "bad"))
        self.assertEqual(len(good.body), 8192)
        self.assertEqual(len(bad.body), 8192)
        self.assertEqual(good.headers.get("Cache-Control"), "no-store")

    def test_the_log_never_names_anything(self):
        e = self.site.env
        ids = []
        for log in ("cutoutd", "desk"):
            text = self.site.log(log)
            self.assertNotIn("127.0.0.1:", text.replace("127.0.0.1:%d" % self.site.desk_port, ""))
            self.assertNotIn("council", text)
            self.assertNotIn("Mark", text)
        self.assertFalse(ids)
        self.assertTrue(e)


if __name__ == "__main__":
    main()
