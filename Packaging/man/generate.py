#!/usr/bin/env python3
"""Writes the manual pages, so that they say what the program says.

Usage: Packaging/man/generate.py PROGRAM FOLDER

cccd(1) gets a section for every command, made of what `PROGRAM COMMAND --help` prints, cccd.json5(5) the table of keys and the
defaults of docs/configuration.md. What is the pages' own stands in the templates beside this file.
"""
import os
import re
import subprocess
import sys
import time


def asked(program, *words):
    return subprocess.run([program, *words], check=True, capture_output=True, text=True).stdout


def protected(text):
    """Text in which no backslash counts, and a hyphen is one that can be typed."""
    return text.replace("\\", "\\e").replace("-", "\\-")


def quoted(text):
    return '"' + protected(text).replace('"', "\\(dq") + '"'


def prose(text):
    """Text with a line for each sentence, of which none begins a request."""
    text = re.sub(r"`([^`]*)`", r"\\(oq\1\\(cq", protected(text))
    lines = re.split(r"(?<=[.;:]) (?=[A-ZĐ0-9\\])", text)
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in lines)


def verbatim(text):
    return "\n".join("\\&" + protected(line) for line in text.splitlines())


def paragraphs(text):
    """What stands behind the options: prose, and where lines are indented a list of terms."""
    terms = False
    for line in text.splitlines():
        entry = re.match(r"  (\S.*?)  +(\S.*)", line)
        if entry:
            if not terms:
                yield ".Bl -tag -width Ds -compact"
            terms = True
            yield ".It Li " + quoted(entry[1])
            yield prose(entry[2])
            continue
        if terms:
            yield ".El"
        terms = False
        yield prose(line) if line else ".Pp"
    if terms:
        yield ".El"


def section(program, command):
    summary, usage, rest = re.split(r"\n\n", asked(program, *command.split(), "--help"), maxsplit=2)
    options, _, notes = rest.removeprefix("Options:\n").partition("\n\n")
    yield ".Ss " + protected("cccd " + command)
    yield prose(summary)
    yield ".Bd -ragged -offset indent"
    yield ".Li " + quoted(usage.removeprefix("Usage: "))
    yield ".Ed"
    yield ".Bl -tag -width Ds"
    for line in options.strip("\n").splitlines():
        option, value, told = re.fullmatch(r"  (--\S+)(?: (\S+))?  +(.*)", line).groups()
        yield ".It Fl " + protected(option[1:]) + (f" Ar {quoted(value)}" if value else "")
        yield prose(told)
    yield ".El"
    if notes.strip():
        yield ".Pp"
        yield from paragraphs(notes.strip("\n"))


def commands(program):
    names = re.findall(r"^  ([a-z]+(?: [a-z]+)?)  ", asked(program, "--help"), re.MULTILINE)
    return "\n".join(line for name in names for line in section(program, name))


def plain(markdown):
    """A cell of a table without its links, and without those to other places of the document."""
    markdown = re.sub(r" See \[[^]]*\]\(#[^)]*\)\.", "", markdown)
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", markdown.replace("\\|", "|"))


def rows(markdown, heading):
    """The rows of the table in a section, those whose first cell is code."""
    section = next(text for text in markdown.split("\n## ") if text.startswith(heading))
    for row in re.findall(r"^\| `(.*)\|$", section, re.MULTILINE):
        name, *cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)]
        yield name.rstrip("`"), *cells


def roles(markdown):
    for role, permissions, withheld, requests in rows(markdown, "Roles"):
        yield ".It Cm " + quoted(role)
        yield prose(f"Permissions: {permissions}.")
        yield ".br"
        yield prose(f"Fields withheld: {withheld}. Requests a minute: {requests}.")


def keys(markdown):
    for key, kind, default, meaning in rows(markdown, "# Configuration"):
        yield ".It Cm " + quoted(key)
        yield prose(f"{kind[:1].upper()}{kind[1:]}; default: {default}.")
        yield ".br"
        yield prose(plain(meaning))


def defaults(markdown):
    return verbatim(re.search(r"```json5\n(.*?)```", markdown, re.DOTALL)[1])


def read(*path):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), *path), encoding="utf-8") as file:
        return file.read()


def main(program, folder):
    day = time.strftime("%B %d, %Y", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))))
    configuration = read("..", "..", "docs", "configuration.md")
    pages = {
        "cccd.1": {"@COMMANDS@": commands(program)},
        "cccd-serve.8": {},
        "cccd.json5.5": {
            "@KEYS@": "\n".join(keys(configuration)),
            "@ROLES@": "\n".join(roles(configuration)),
            "@DEFAULTS@": defaults(configuration),
        },
    }
    for name, parts in pages.items():
        page = read(name + ".in").replace("@DATE@", day)
        for mark, made in parts.items():
            page = page.replace(mark, made)
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(page)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
