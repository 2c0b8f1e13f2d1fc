#!/usr/bin/env python3
"""Writes a software bill of materials in SPDX 2.3 (JSON) for a package that is being built.

Usage: Packaging/sbom.py FOLDER PATH

FOLDER holds the package's files, PATH is where in it the document goes. It names every file with its hashes, Debian's packages
that the program is linked with by their versions here, and the Swift runtime that it contains. The same input gives the same bytes.
"""
import hashlib
import json
import os
import re
import subprocess
import sys
import time

APACHE = "Apache-2.0"
SWIFT_LICENSE = "Apache-2.0 WITH Swift-exception"
# Loaded when it is there, and so not among the libraries that the program names.
OPTIONAL_LIBRARY = "libipsec-mb1"


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def files(folder, document):
    """Every regular file of the package but the document itself and what only Debian's package manager sees."""
    paths = []
    for place, folders, names in os.walk(folder):
        if place == folder:
            folders[:] = [name for name in folders if name != "DEBIAN"]
        paths += [os.path.join(place, name) for name in names]
    return sorted(path for path in paths if not os.path.islink(path) and os.path.relpath(path, folder) != document)


def identifier(kind, name):
    """SPDX 2.3, 3.2: letters, digits, dots and hyphens."""
    return f"SPDXRef-{kind}-" + re.sub(r"[^A-Za-z0-9.]", "-", name.replace("+", "plus"))


def described(path, folder):
    with open(path, "rb") as file:
        content = file.read()
    name = os.path.relpath(path, folder)
    hashes = [("SHA1", hashlib.sha1(content)), ("SHA256", hashlib.sha256(content))]
    return {
        "SPDXID": identifier("File", name),
        "fileName": "./" + name,
        "checksums": [{"algorithm": algorithm, "checksumValue": value.hexdigest()} for algorithm, value in hashes],
        "licenseConcluded": APACHE,
        "copyrightText": "NOASSERTION",
    }


def linked_packages(program):
    """Debian's packages with the libraries that `program` names, and with those that it loads when they are first called."""
    sonames = re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "--dynamic", "--wide", program))
    with open("Packaging/lazy-libraries.c", encoding="utf-8") as file:
        sonames += sorted(set(re.findall(r'"(lib\w+\.so\.\d+)"', file.read())))
    found = {}
    for line in output("ldconfig", "--print-cache").splitlines():
        words = line.split()
        if len(words) > 3 and words[0] in sonames:
            path = os.path.realpath(words[-1])
            # Where /lib is a link, the package manager may know the file by either name.
            for candidate in (path, path.removeprefix("/usr")):
                owner = subprocess.run(["dpkg-query", "--search", candidate], capture_output=True, text=True)
                if owner.returncode == 0:
                    found[words[0]] = owner.stdout.split(":")[0]
                    break
    missing = [name for name in sonames if name not in found and not name.startswith("ld-linux")]
    if missing:
        sys.exit(f"sbom: no Debian package has {', '.join(missing)}")
    return sorted(set(found.values()))


def static_library():
    """Debian's package with the libstdc++ that is linked in."""
    path = os.path.realpath(output("gcc", "-print-file-name=libstdc++.a").strip())
    return output("dpkg-query", "--search", path).split(":")[0]


def debian(name):
    shown = output("dpkg-query", "--show", "--showformat=${Version}\t${source:Package}\n", name).splitlines()[0]
    version, source = shown.split("\t")
    return {
        "SPDXID": identifier("Package", name),
        "name": name,
        "versionInfo": version,
        "sourceInfo": f"built by Debian from {source}",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "supplier": "Organization: Debian",
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": f"pkg:deb/debian/{name}@{version}",
            }
        ],
    }


def main(folder, document):
    program = os.path.join(folder, "usr/bin/cccd")
    contents = [described(path, folder) for path in files(folder, document)]
    # SPDX 2.3, 7.9: the hash over the files' sorted SHA-1 hashes.
    sha1 = sorted(file["checksums"][0]["checksumValue"] for file in contents)
    code = hashlib.sha1("".join(sha1).encode()).hexdigest()
    with open("Sources/cccd/Build/facts.txt", encoding="utf-8") as file:
        facts = dict(line.split(" ", 1) for line in file.read().splitlines())
    version = output("dpkg-parsechangelog", "--show-field", "Version").strip()
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"])))

    packages = [
        {
            "SPDXID": "SPDXRef-Package-cccd",
            "name": "cccd",
            "versionInfo": version,
            "sourceInfo": f"commit {facts['commit']}",
            "primaryPackagePurpose": "APPLICATION",
            "downloadLocation": "NOASSERTION",
            "filesAnalyzed": True,
            "packageVerificationCode": {
                "packageVerificationCodeValue": code,
                "packageVerificationCodeExcludedFiles": ["./" + document],
            },
            "hasFiles": [file["SPDXID"] for file in contents],
            "licenseInfoFromFiles": [APACHE],
            "licenseConcluded": f"{APACHE} AND ({SWIFT_LICENSE})",
            "licenseDeclared": APACHE,
            "copyrightText": "2026 the cccd authors",
            "supplier": "Organization: cccd",
        },
        {
            "SPDXID": "SPDXRef-Package-swift",
            "name": "swift-runtime-and-standard-libraries",
            "versionInfo": facts["swift"],
            "comment": "Linked statically: standard library, runtime, Dispatch, FoundationEssentials, Synchronization.",
            "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False,
            "licenseConcluded": SWIFT_LICENSE,
            "licenseDeclared": SWIFT_LICENSE,
            "copyrightText": "Apple Inc. and the Swift project authors",
            "supplier": "Organization: Swift project",
        },
    ]
    linked = [debian(name) for name in linked_packages(program)]
    runtime = debian(static_library())
    relations = [
        ("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Package-cccd"),
        ("SPDXRef-Package-cccd", "STATIC_LINK", "SPDXRef-Package-swift"),
    ]
    relations += [("SPDXRef-Package-cccd", "DYNAMIC_LINK", package["SPDXID"]) for package in linked]
    relations.append(("SPDXRef-Package-cccd", "STATIC_LINK", runtime["SPDXID"]))
    linked.append(runtime)
    if subprocess.run(["dpkg-query", "--show", OPTIONAL_LIBRARY], capture_output=True).returncode == 0:
        linked.append(debian(OPTIONAL_LIBRARY))
        relations.append((linked[-1]["SPDXID"], "OPTIONAL_COMPONENT_OF", "SPDXRef-Package-cccd"))
    sbom = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"cccd-{version}",
        # A name, not an address: it has to be unique, and is by the commit and what was made of it.
        "documentNamespace": f"urn:cccd:spdx:{version}:{facts['commit']}:{code}",
        "creationInfo": {"created": created, "creators": ["Organization: cccd", "Tool: sbom.py"]},
        "packages": packages + linked,
        "files": contents,
        "relationships": [
            {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
            for one, kind, other in relations
        ],
    }
    path = os.path.join(folder, document)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(sbom, file, indent=2, ensure_ascii=False)
        file.write("\n")
    os.chmod(path, 0o644)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
