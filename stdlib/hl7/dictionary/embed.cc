// SPDX-License-Identifier: Apache-2.0
// The compiled dictionary as bytes of the executable. SMARTHL7_DICTIONARY is the file that compile.py wrote.
extern "C" {
extern const unsigned char smarthl7_dictionary[];
}

__asm__(
    ".pushsection .rodata\n"
    ".balign 16\n"
    ".global smarthl7_dictionary\n"
    "smarthl7_dictionary:\n"
    ".incbin \"" SMARTHL7_DICTIONARY
    "\"\n"
    ".byte 0\n"
    ".popsection\n");
