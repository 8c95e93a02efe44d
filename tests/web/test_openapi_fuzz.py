"""Valid and invalid requests generated from the OpenAPI document: each gets a response that the document describes.

The same few requests every time; ``make fuzz`` tries more.
"""

from __future__ import annotations

from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.schemas import BaseSchema

from checker.settings import ANY_HOST, Settings
from checker.web.app import create_app
from checker.web.problems import PROBLEM_JSON, STATUS_OF

ADDRESSES = st.sampled_from(
    ["https://mychart.clevelandclinic.org/", "http://mychart.cleve1andclinic.org:81/a?b#c", "see https://a.example ok"]
)
FEW = settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> BaseSchema:
    """The document and the application behind it."""
    reports = tmp_path_factory.mktemp("reports") / "reports.db"
    app = create_app(Settings(allowed_hosts=(ANY_HOST,), database_url=f"sqlite:///{reports}", limit_reports=""))
    return schemathesis.openapi.from_asgi("/openapi.json", app)


@pytest.mark.parametrize("mode", GenerationMode)
def test_every_response_is_one_that_the_document_describes(schema: BaseSchema, mode: GenerationMode) -> None:
    seen: Counter[tuple[str, int]] = Counter()

    @FEW
    @given(data=st.data())
    def ask(data: st.DataObject) -> None:
        case: Case = data.draw(requests)
        any_text = mode.is_positive and isinstance(case.body, dict) and not {"url", "address"}.isdisjoint(case.body)
        if any_text and data.draw(st.booleans()):
            case.body["url" if "url" in case.body else "address"] = data.draw(ADDRESSES)
            any_text = False
        answer = case.call()
        seen[operation.label, answer.status_code] += 1
        # A text without an address is a valid request by the document, but is still refused.
        case.validate_response(
            answer, excluded_checks=CHECKS.get_by_names(["positive_data_acceptance"]) if any_text else None
        )
        assert answer.status_code < 500
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == [PROBLEM_JSON]
            assert STATUS_OF[answer.json()["code"]] == answer.status_code

    for result in schema.get_all_operations():
        operation = result.ok()
        takes_something = list(operation.body) or list(operation.query)
        if mode.is_positive or takes_something:
            requests = operation.as_strategy(generation_mode=mode)
            ask()
    answered = {label for label, status in seen if status == 200}
    refused = {label for label, status in seen if status == 422}
    if mode.is_positive:
        assert len(answered) == 10, "every route gave a successful answer"
    else:
        assert len(refused) == 6, "every route with input refused some of it"
