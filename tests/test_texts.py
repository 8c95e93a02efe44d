"""The sentences people read: the same set in both languages, with known placeholders, and none of the banned words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

import checker
from checker.core.allowlist import Allowlist
from checker.core.errors import AddressProblem
from checker.core.guidance import Task
from checker.core.lookalike import Technique
from checker.core.reason import DANGER_CODES, Level, NoteCode, ReasonCode
from checker.core.verdict import Verdict
from checker.core.words import Texts, Words
from checker.texts_loader import LANGUAGES, load_texts
from checker.web.problems import STATUS_OF

PACKAGE = Path(checker.__file__).parent
PLACEHOLDER = re.compile(r"\{(\w*)\}")

FACTS = set(
    "host registrable_domain official official_host official_url operator organization owner shown technique"
    " count".split()
)
"""The placeholders that ``core/sentences.py`` fills in."""

NEVER_SAID = {
    # All we know is that an address is on the list. These words would promise more.
    "en": re.compile(r"\b(un)?(safe|secure|trust|protect)\w*", re.IGNORECASE),
    "es": re.compile(r"\b(in)?segur[oa]s?\b|\bseguridad\b|\bconfia\w*|\bproteg\w*", re.IGNORECASE),
}


def _sentences(node: Words | Texts, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every sentence with its path; items of a list are numbered."""
    tree = node.tree if isinstance(node, Texts) else node
    if isinstance(tree, str):
        yield path, tree
    elif isinstance(tree, list):
        for number, line in enumerate(tree):
            yield from _sentences(line, (*path, str(number)))
    else:
        for key, branch in tree.items():
            yield from _sentences(branch, (*path, key))


@pytest.fixture(params=LANGUAGES)
def texts(request: pytest.FixtureRequest) -> Texts:
    return load_texts()[request.param]


def test_every_language_has_the_same_sentences_in_the_same_order_with_the_same_placeholders() -> None:
    shapes = {
        lang: [(path, sorted(PLACEHOLDER.findall(text))) for path, text in _sentences(texts)]
        for lang, texts in load_texts().items()
    }
    for lang in LANGUAGES:
        assert shapes[lang] == shapes["en"], lang


def test_every_language_is_named_by_its_file() -> None:
    assert {lang: texts.text("lang") for lang, texts in load_texts().items()} == {lang: lang for lang in LANGUAGES}


@pytest.mark.parametrize(
    ("branch", "keys"),
    [
        ("headlines", {
            "verified", "unwrapped", "resembles-several", "operators-other-domain", "hidden-by-code",
            "hidden-by-session", *ReasonCode,
        }),
        ("reasons", set(ReasonCode)),
        ("notes", set(NoteCode)),
        ("techniques", set(Technique)),
        ("tasks", set(Task)),
        ("levels", set(Level)),
        ("verdicts", {*Verdict, "none"}),
        ("errors", {*AddressProblem, "unknown-host", "method-not-allowed", "rate-limited", "overloaded", *STATUS_OF}
         - {"unreadable-address", "several-addresses", "unclear-text", "address-too-long"}),
    ],
)  # fmt: skip
def test_each_published_code_has_its_words_and_nothing_else_has(texts: Texts, branch: str, keys: set[str]) -> None:
    assert set(texts.under(branch).tree) == {str(key) for key in keys}


def test_reasons_stand_in_the_published_order_danger_first(texts: Texts) -> None:
    codes = list(texts.under("reasons").tree)
    assert codes == list(ReasonCode)
    assert [code in DANGER_CODES for code in codes] == sorted((code in DANGER_CODES for code in codes), reverse=True)


@pytest.mark.parametrize("code", ReasonCode)
def test_each_reason_is_explained(texts: Texts, code: ReasonCode) -> None:
    words = texts.under("reasons", code)
    variants = {
        ReasonCode.MISLEADING_CHARACTERS: {"message_clean", "message_clean_unlinked"},
        ReasonCode.RETIRED_PORTAL: {"message_moved"},
        ReasonCode.RESEMBLES_OFFICIAL: {"message_several", "message_unlinked", "message_nowhere"},
        ReasonCode.HIDDEN_DESTINATION: {"message_service", "message_code", "message_session"},
        ReasonCode.SHOWS_ANOTHER_ADDRESS: {"message_listed", "message_unknown"},
        ReasonCode.IMITATES_OFFICIAL: {"message_unlinked", "message_nowhere"},
        ReasonCode.OPERATOR_SITE: {
            "message_unlinked",
            "message_nowhere",
            "message_other_domain",
            "message_other_domain_unlinked",
            "message_other_domain_website",
        },
        ReasonCode.USES_KNOWN_NAME: {"message_listed", "message_overdue", "message_unlinked"},
        ReasonCode.KNOWN_SITE: {"message_unlinked"},
        ReasonCode.NOT_HTTPS: {"message_unlinked", "message_vendor"},
        ReasonCode.UNUSUAL_PORT: {"message_unlinked", "message_vendor"},
    }
    assert set(words.tree) == {"title", "message", "explain", "example", "what_to_do", *variants.get(code, set())}
    assert 1 <= len(words.lines("explain")) <= 3


@pytest.mark.parametrize("task", Task)
def test_each_task_has_its_guidance(texts: Texts, task: Task) -> None:
    words = texts.under("tasks", task)
    assert set(words.tree) == {"title", "where_to_go", "safety_reminder", "steps", "link_label", "find_it"}
    assert 2 <= len(words.lines("steps")) <= 4
    assert "{official}" in str(words.find("link_label"))


def test_emergency_advice_names_the_numbers_to_call(texts: Texts) -> None:
    for advice in (texts.text("emergency", "text"), " ".join(texts.lines("tasks", "emergency", "steps"))):
        assert "911" in advice
        assert "988" in advice


@pytest.mark.parametrize("branch", ["headlines", "reasons", "notes", "tasks"])
def test_the_sentences_of_an_answer_ask_only_for_facts_it_has(texts: Texts, branch: str) -> None:
    for path, sentence in _sentences(texts.find(branch), (branch,)):
        allowed = FACTS | ({"headline"} if path == ("headlines", "unwrapped") else set())
        assert set(PLACEHOLDER.findall(sentence)) <= allowed, path


def test_sentences_that_have_no_host_to_name_name_none(texts: Texts) -> None:
    code = ReasonCode.NOT_A_WEB_ADDRESS
    for sentence in (texts.find("headlines", code), texts.find("reasons", code, "message")):
        assert "{" not in str(sentence)


def test_a_likeness_is_never_called_an_imitation(texts: Texts) -> None:
    words = " ".join(text for _, text in _sentences(texts.find("reasons", ReasonCode.RESEMBLES_OFFICIAL)))
    words += texts.text("headlines", ReasonCode.RESEMBLES_OFFICIAL, host="h", official="o")
    assert "imita" not in words.lower()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Cleveland Clinic", "Open Cleveland Clinic's portal"),
        ("Cook Children's", "Open Cook Children's portal"),
        ("Los Angeles Doctors", "Open Los Angeles Doctors's portal"),
    ],
)
def test_a_name_gets_one_possessive(name: str, said: str) -> None:
    assert load_texts()["en"].text("tasks", "log-in", "link_label", official=name) == said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_promises_more_than_membership(lang: str) -> None:
    for path, sentence in _sentences(load_texts()[lang]):
        said = NEVER_SAID[lang].search(sentence)
        assert said is None, f"{'.'.join(path)} says {said and said.group()}"


def test_every_sentence_is_a_finished_one_line_sentence(texts: Texts) -> None:
    for path, sentence in _sentences(texts):
        if path[0] == "cli":
            continue  # columns of a terminal, padded on purpose
        assert sentence == " ".join(sentence.split()) != "", path


def test_every_sentence_of_the_page_is_shown_somewhere(texts: Texts) -> None:
    environment = Environment(loader=FileSystemLoader(PACKAGE / "web/templates"), autoescape=True)
    templates = [str(PACKAGE / "web/templates" / name) for name in environment.list_templates()]
    source = "\n".join(Path(name).read_text(encoding="utf-8") for name in templates)
    assert {key for key in texts.under("page").tree if f"t.page.{key}" not in source} == set()
    used = set(re.findall(r"t\.page\.(\w+)", source))
    assert used - set(texts.under("page").tree) == set()


def test_every_source_of_the_list_has_a_name_people_know(texts: Texts, allowlist: Allowlist) -> None:
    sources = {evidence.source for portal in allowlist.portals for evidence in portal.evidence}
    assert sources <= set(texts.under("page", "sources").tree)
