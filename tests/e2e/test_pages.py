"""The manual pages say what the programs do: every option of the configuration
with its default and range, every option and exit code of every program."""

import os
import re
import subprocess
import tempfile
import unittest

from harness import BUILD, TOP, main, run

MAN = os.path.join(TOP, "gateway", "man")
PROGRAMS = {"cutoutd": 8, "cutoutctl": 8, "cutout-keys": 8, "cutout-submit": 1,
            "cutout-desk": 1, "cutout-audit": 1}
COMMANDS = {
    "cutout-keys": ("authority", "issue", "revoke", "crl", "renew", "gateway",
                    "list", "check", "demo"),
    "cutout-desk": ("init", "receive", "list", "open", "profile"),
}
# their defaults are chosen by the build, not by the table
BY_THE_BUILD = ("libexec", "schema")


def page(name):
    with open(os.path.join(MAN, name)) as f:
        return f.read()


def program(name, *words):
    return run(os.path.join(BUILD, "bin", name), *words).stdout.decode()


def section(text, name):
    """The lines of one section of a page."""
    return re.search(r"(?ms)^\.Sh %s\n(.*?)(?=^\.Sh |\Z)" % name, text).group(1)


def options_of_program(text):
    """What cutoutd --options printed: name to default and range."""
    found = {}
    for line in text.splitlines():
        name, value = re.fullmatch(r"(\S+) \((.*?)\): .+", line).groups()
        found[name] = "set by the build" if name in BY_THE_BUILD else value
    return found


def options_of_page(text):
    items = re.findall(r'(?m)^\.It Cm (\S+) Pq "(.*)"$', text)
    return {name: value.replace(r"\(dq", '"') for name, value in items}


class Configuration(unittest.TestCase):
    def setUp(self):
        self.known = options_of_program(program("cutoutd", "--options"))
        self.text = page("cutoutd.conf.5")

    def test_every_option_stands_with_its_default_and_range(self):
        self.assertGreater(len(self.known), 50)
        self.assertEqual(options_of_page(self.text), self.known)

    def test_a_missing_or_changed_option_is_noticed(self):
        for option in self.known:
            without = re.sub(r"(?m)^\.It Cm %s Pq .*\n" % re.escape(option), "",
                             self.text)
            self.assertNotEqual(options_of_page(without), self.known, option)
        changed = self.text.replace("8443, 1 to 65535", "8443, 1 to 65536")
        self.assertNotEqual(options_of_page(changed), self.known)

    def test_the_example_is_understood(self):
        example = re.search(r"(?s)A whole configuration.*?^\.Bd .*?\n(.*?)^\.Ed",
                            self.text, re.M | re.S).group(1)
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as f:
            f.write(example)
            f.flush()
            got = subprocess.run(
                [os.path.join(BUILD, "bin", "cutoutd"), "-c", f.name, "--check"],
                capture_output=True, timeout=30)
        # its files are not here, which is told file by file; nothing else
        # stands against it
        for line in got.stderr.decode().splitlines():
            self.assertRegex(line, r"^cutoutd: (warning|fatal): "
                             r"(/etc/cutout/\S+: No such file|option libexec: "
                             r"|option user: there is no user)", line)


class Programs(unittest.TestCase):
    def helps(self, name):
        yield program(name, "--help")
        for command in COMMANDS.get(name, ()):
            yield program(name, command, "--help")

    def test_every_option_of_every_program_stands_in_its_page(self):
        for name, number in PROGRAMS.items():
            text = page("%s.%d" % (name, number))
            known = {o for h in self.helps(name)
                     for o in re.findall(r"(?<![\w-])--([a-z][a-z-]+)", h)}
            told = set(re.findall(r"Fl (?:\w , )?-([a-z][a-z-]+)", text))
            told |= set(re.findall(r"\| -([a-z][a-z-]+)", text))
            self.assertEqual(known - told, set(), name)
            # --version is in all, and not in every --help
            self.assertEqual(told - known - {"version", "help"}, set(), name)

    def test_every_command_stands_in_its_page(self):
        for name, commands in COMMANDS.items():
            text = page("%s.%d" % (name, PROGRAMS[name]))
            for command in commands:
                self.assertIn("\n.It Cm %s\n" % command, text, name)

    def test_every_exit_code_stands_in_its_page(self):
        for name, number in PROGRAMS.items():
            text = section(page("%s.%d" % (name, number)), "EXIT STATUS")
            codes = set(re.findall(r"(?m)^\.It (\d)$", text))
            known = set()
            for line in re.findall(r"(?ms)^exit: (.*?)(?:\n\n|\n[A-Z]|\Z)",
                                   program(name, "--help")):
                known |= set(re.findall(r"(?:\A|, |\n\s+)(\d) ", line))
            self.assertGreater(len(known), 2, name)
            self.assertEqual(codes, known, name)

    def test_every_program_has_a_version(self):
        for name in PROGRAMS:
            self.assertRegex(program(name, "--version"),
                             r"\A%s \d+\.\d+\.\d+\n\Z" % name)


class Pages(unittest.TestCase):
    def test_every_page_has_what_a_reader_looks_for(self):
        for name, number in PROGRAMS.items():
            text = page("%s.%d" % (name, number))
            for title in ("SYNOPSIS", "DESCRIPTION", "FILES", "EXIT STATUS",
                          "EXAMPLES", "SEE ALSO"):
                self.assertIn("\n.Sh %s\n" % title, text, name)

    def test_every_page_that_is_named_is_there_and_installed(self):
        with open(os.path.join(MAN, "CMakeLists.txt")) as f:
            installed = f.read()
        pages = [p for p in os.listdir(MAN) if re.search(r"\.[1-8]$", p)]
        for name in pages:
            self.assertIn(name, installed)
            for other, number in re.findall(r"(?m)^\.Xr (\S+) (\d)", page(name)):
                if other.startswith("cutout"):
                    self.assertIn("%s.%s" % (other, number), pages, name)




if __name__ == "__main__":
    main()
