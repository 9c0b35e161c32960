#!/usr/bin/env python3
"""A second verifier of evidence, written from docs/evidence.md alone.

    verify_evidence.py RECORDING EVIDENCE [DECISION_LOG]

Exit codes: 0 whole, 3 not whole or not as it was written, 1 something else.
"""

import hashlib
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

BEFORE = b',"signature":"'
HEX = set("0123456789abcdef")


class Fault(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Fault(what)


def unhex(text, size):
    need(isinstance(text, str) and len(text) == 2 * size and set(text) <= HEX, "hexadecimal")
    return bytes.fromhex(text)


def parse(line):
    need(len(line) > 144 and line.endswith(b'"}'), "no signed line")
    signed, digits = line[:-130], line[-130:-2]
    need(signed.endswith(BEFORE), "no signed line")
    signed = signed[: -len(BEFORE)]
    return json.loads(signed + b"}"), signed, unhex(digits.decode("ascii"), 64)


def verify(recording, evidence, anchors):
    key, previous, position, segments, frames, end = None, "0" * 64, 0, 0, 0, None
    lines = evidence.split(b"\n")
    tail = lines.pop()
    for number, line in enumerate(lines):
        need(end is None, f"line {number} follows the end")
        entry, signed, signature = parse(line)
        need(entry["version"] == 1 and entry["line"] == number, f"line {number}: its number")
        need(entry["previous"] == previous, f"line {number} does not follow")
        kinds = [kind for kind in ("begin", "segment", "end") if kind in entry]
        need(len(kinds) == 1, f"line {number}: what it says")
        first = number == 0
        need(("begin" in entry, "key" in entry) == (first, first), f"line {number}: its place")
        need(("end" in entry) == ("next_key" not in entry), f"line {number}: its next key")
        key = key if number else entry["key"]
        try:
            Ed25519PublicKey.from_public_bytes(unhex(key, 32)).verify(signature, signed)
        except InvalidSignature:
            raise Fault(f"line {number}: its signature") from None
        previous, key = hashlib.sha256(line).hexdigest(), entry.get("next_key")
        told = anchors.get(number)
        need(told in (None, previous), f"line {number} is not the one that was told")
        need(number or anchors.get("key") in (None, entry["key"]), "another chain")
        if "segment" in entry:
            segment, extent = entry["segment"], entry["segment"]["file"]
            need(segment["number"] == segments + 1, f"line {number}: its segment")
            need(segment["first_frame"] == frames + 1, f"line {number}: its frame")
            need(position == extent["from"] <= extent["to"], f"line {number}: its place")
            need(extent["to"] <= len(recording), f"the recording is cut in segment {segments + 1}")
            found = hashlib.sha256(recording[position : extent["to"]]).hexdigest()
            need(found == extent["sha256"], f"segment {segments + 1} was altered")
            segments, frames, position = segments + 1, frames + segment["frames"], extent["to"]
        elif "end" in entry:
            end = entry["end"]
            counted = (position, segments, frames)
            need((end["bytes"], end["segments"], end["frames"]) == counted, "the end's counts")
    need(lines, "there is no evidence")
    need(all(n < len(lines) for n in anchors if n != "key"), "the evidence was cut short")
    need(not end or not tail, "something follows the end")
    need(not end or position == len(recording), "the recording goes on after its end")
    return end, position


def read_anchors(log, session):
    anchors = {}
    for line in map(json.loads, log.splitlines()):
        if line.get("session") == session and line["event"] == "evidence-begin":
            anchors["key"] = line["key"]
        if line.get("session") == session and line["event"] == "evidence-head":
            anchors[line["evidence_line"]] = line["sha256"]
    return anchors


def main(recording, evidence, log=None):
    recording, evidence = open(recording, "rb").read(), open(evidence, "rb").read()
    try:
        first = parse(evidence.split(b"\n")[0])[0]
        anchors = read_anchors(open(log, "rb").read(), first["begin"]["session"]) if log else {}
        end, position = verify(recording, evidence, anchors)
    except (Fault, ValueError, KeyError, TypeError) as fault:
        print(f"NOT AS IT WAS WRITTEN: {fault}")
        return 3
    if end is None:
        print(f"ended unexpectedly, unaltered up to byte {position}")
        return 3
    print(f"whole and unaltered, {end['state']} ({end['reason']})")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) in (3, 4) else 1)
