from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.code.language import language_of, languages


def name_of(path: str, text: str | None = None) -> str | None:
    found = language_of(path, text)
    return found.name if found else None


def test_there_are_more_than_three_hundred_languages_of_four_kinds():
    assert len(languages()) > 300
    assert {language.kind for language in languages().values()} == {"programming", "markup", "data", "prose"}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("src/main.rs", "Rust"),
        ("a/Makefile", "Makefile"),
        ("CMakeLists.txt", "CMake"),
        ("Dockerfile.dev", "Dockerfile"),
        ("go.mod", "Go Module"),
        ("package.json", "JSON"),
        ("README", "Text"),
        ("notes.rst", "reStructuredText"),
        ("src/UPPER.PY", "Python"),
        ("config.py.in", "Python"),
        (".gitignore", "Ignore List"),
        ("noname", None),
        ("archive.unknown", None),
    ],
)
def test_a_name_alone_decides_where_it_can(path: str, name: str | None):
    assert name_of(path) == name


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("a.h", "#include <vector>\nnamespace a {\n", "C++"),
        ("a.h", "#include <stdio.h>\nint f(void);\n", "C"),
        ("a.h", "@interface Foo : NSObject\n@end\n", "Objective-C"),
        ("a.m", "#import <Foundation/Foundation.h>\n", "Objective-C"),
        ("a.m", "function y = f(x)\n% doubles\ny = 2*x;\nend\n", "MATLAB"),
        ("a.m", "(* package *)\nBeginPackage[\"A`\"]\n", "Mathematica"),
        ("a.pl", "use strict;\nmy $x = 1;\n", "Perl"),
        ("a.pl", ":- module(lists, [append/3]).\nappend([], L, L).\n", "Prolog"),
        ("a.t", "use Test::More tests => 3;\n", "Perl"),
        ("a.v", "module counter(input clk);\nendmodule\n", "Verilog"),
        ("a.v", "Require Import Arith.\nTheorem t : 1 = 1.\nProof. reflexivity. Qed.\n", "Coq"),
        ("a.v", "fn main() {\n\tprintln('hi')\n}\n", "V"),
        ("a.r", "REBOL [title: {x}]\n", "Rebol"),
        ("a.r", "x <- c(1, 2)\n", "R"),
        ("a.sql", "CREATE FUNCTION f() RETURNS int AS $$ BEGIN END $$ LANGUAGE plpgsql;\n", "PLpgSQL"),
        ("a.sql", "SELECT 1;\n", "SQL"),
        ("a.ts", "<?xml version=\"1.0\"?>\n<!DOCTYPE TS>\n<TS/>\n", "XML"),
        ("a.ts", "export const a: number = 1;\n", "TypeScript"),
        ("a.pp", "class ntp {\n  package { 'ntp': ensure => installed }\n}\n", "Puppet"),
        ("a.pp", "unit Foo;\ninterface\n", "Pascal"),
        ("a.cls", "\\NeedsTeXFormat{LaTeX2e}\n", "TeX"),
        ("a.cls", "VERSION 1.0 CLASS\nBEGIN\n", "Visual Basic 6.0"),
        ("a.fs", "module A\nlet x = 1\n", "F#"),
        ("a.fs", "#version 330\nvoid main() {}\n", "GLSL"),
        ("a.d", "main.o: main.c \\\n  main.h\n", "Makefile"),
        ("a.d", "module a;\nimport std.stdio;\n", "D"),
    ],
)  # fmt: skip
def test_the_text_settles_an_extension_of_several_languages(path: str, text: str, name: str):
    assert name_of(path, text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("#!/usr/bin/python3.11 -u\nprint()\n", "Python"),
        ("#!/usr/bin/env -S node --harmony\n", "JavaScript"),
        ("#!/usr/bin/env LANG=C perl\n", "Perl"),
        ("#!/bin/sh\n# \\\nexec tclsh \"$0\" \"$@\"\n", "Tcl"),
        ("#!/bin/sh\necho\n", "Shell"),
        ("# -*- mode: ruby -*-\n", "Ruby"),
        ("-- vim: set ft=lua:\n", "Lua"),
        ("<?php echo 1;\n", "PHP"),
        ("plain words\n", None),
    ],
)  # fmt: skip
def test_a_file_without_extension_is_told_by_its_first_lines(text: str, name: str | None):
    assert name_of("bin/tool", text) == name


def test_a_key_is_no_prose_and_a_test_case_is_tcl_by_its_text_only():
    assert name_of("a.asc", "-----BEGIN PGP SIGNATURE-----\n") == "Public Key"
    assert name_of("guide.asc", "= Guide\n\nWords.\n") == "AsciiDoc"
    assert name_of("a.test", "package require tcltest\ntest a-1 {adds} {expr 1+1} 2\n") == "Tcl"
    assert name_of("a.test", "--TEST--\nadds\n--EXPECT--\n2\n") is None


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("postinst", 'set -e\n\ntest -x "$(which tool)" || exit 0\n', "Shell"),
        ("profile", '. /etc/tool.conf\ntest -f "$X" && cat "$X"\n', "Shell"),
        ("notes", "test a {b}\n", None),
        ("notes", "test -f-1 {b}\n", None),
        ("a.test", "test join-1.1 {adds} {expr 1+1} 2\n", "Tcl"),
        ("a.test", 'test string.map-3 "adds" {expr 1+1} 2\n', "Tcl"),
    ],
)
def test_a_condition_of_a_shell_is_no_test_case_of_tcl(path: str, text: str, name: str | None):
    assert name_of(path, text) == name


def test_a_manual_page_needs_roff_requests_besides_its_number():
    assert name_of("man/tool.1", ".TH TOOL 1\n.SH NAME\n") == "Roff"
    assert name_of("release-0.1", "what is new\n") is None


@given(st.text(max_size=40), st.none() | st.text(max_size=400))
def test_any_path_and_text_give_a_known_language_or_none_twice_the_same(path: str, text: str | None):
    found = language_of(path, text)
    assert found is None or languages()[found.name] == found
    assert found == language_of(path, text)
