# SPDX-License-Identifier: Apache-2.0
"""The results that cross the wire. Invented patients. What makes a peer stumble is in all of them: UTF-8, escapes, repetitions,
subcomponents, empty components and fields at the end."""

SURNAME, SECOND_ID = "Müller", "0815"
TEXT = r"a \F\ pipe, a \S\ caret, an \T\ ampersand, a \E\ backslash, \.br\ a break"


def result(control_id, facility="REGION", commit="", application="", extra=()):
    """ORU^R01 of 2.5.1 without a CR behind its last segment."""
    return "\r".join([
        rf"MSH|^~\&|LAB|REGLAB|HUB|{facility}|20260301120000+0000||ORU^R01^ORU_R01|{control_id}|P|2.5.1|||{commit}|{application}||UNICODE UTF-8",
        rf"PID|1||4711^^^REGLAB^MR~{SECOND_ID}^^^NAT&1.2.3.4&ISO^NI||{SURNAME}^Jürgen^K^^Dr.||19700102|M|||Straße 1 \T\ Hof^^Köln^^50667^DEU",
        "PV1|1|I|W^389^1^MERCY",
        "OBR|1||L1^LAB|24323-8^Comprehensive metabolic panel^LN|||20260301113000+0000||||||||||||||||||F",
        "OBX|1|NM|2345-7^Glucose^LN||5.4|mmol/L|3.9-6.1|N|||F",
        f"OBX|2|TX|48767-8^Annotation comment^LN||{TEXT}||||||F",
        "NTE|1|L|Größe unbekannt",
        *extra,
    ])


def acknowledgement(code, control_id):
    """An answer as a message of its own, which wants to be committed (MSH-15 AL)."""
    return rf"MSH|^~\&|HUB|REGION|LAB|REGLAB|20260301120001+0000||ACK^R01^ACK|ACK{control_id}|P|2.5.1|||AL|NE" + f"\rMSA|{code}|{control_id}"


def without_patient_id(text):
    """The same, so that `require PID-3` fails."""
    lines = text.split("\r")
    pid = lines[1].split("|")
    pid[3] = ""
    lines[1] = "|".join(pid)
    return "\r".join(lines)


def of_another_type(text):
    return text.replace("ORU^R01^ORU_R01", "ADT^A04^ADT_A01", 1)


def large(control_id, facility="REGION", size=5 << 20):
    """With an embedded document of `size` bytes of base64."""
    document = ("JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3RoIDMgMCBS" * (size // 56 + 1))[:size]
    return result(control_id, facility, extra=[f"OBX|3|ED|11502-2^Laboratory report^LN||^application^pdf^Base64^{document}||||||F"])
