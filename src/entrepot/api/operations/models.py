"""Lists of models, and their pages."""

from __future__ import annotations

from entrepot.api import model_lists, model_pages
from entrepot.api.accepting import HTML, MARKDOWN
from entrepot.api.answers.models import DeprecationList, Model, ModelInfo, ModelInfoList, ModelList
from entrepot.api.operations.operation import TEXT, Area, Operation, Query
from entrepot.api.operations.query import choice, several
from entrepot.api.permissions import PERMISSIONS
from entrepot.catalog import LIFECYCLES
from entrepot.pages.records import Cards, ModelPage

CHOSEN: Query = {
    **{name: several(TEXT) for name in (*model_lists.FILTERS, *model_lists.SYNONYMS)},
    "search": TEXT,
    "sort": choice(*model_lists.SORTS, *(f"-{name}" for name in model_lists.SORTS)),
}
LISTED: Query = CHOSEN | {
    "include": several(TEXT) | {"description": "`json_request_schema` for the models' request schemas."},
    "details": choice("true", "false"),
    "limit": {
        "type": "integer",
        "minimum": 1,
        "maximum": model_pages.MOST,
        "description": "Only with `anthropic-version`.",
    },
    "after_id": TEXT,
    "before_id": TEXT,
    "lifecycle": several(choice(*LIFECYCLES)),
    "lifecycle[]": several(choice(*LIFECYCLES)),
}
MODELS: Area = {
    **{
        route: Operation(
            answer=ModelList,
            anthropic=ModelInfoList,
            query=LISTED,
            tagged=True,
            media=(MARKDOWN, HTML) if route[1] == "/models" else (),
            id="searchModels" if route[1].endswith("/search") else None,
        )
        for route in PERMISSIONS
        if route[1].endswith(("/models", "/models/search"))
    },
    **{
        route: Operation(
            answer=Model,
            anthropic=ModelInfo,
            tagged=True,
            media=(MARKDOWN, HTML) if route[1] == "/models/{id:path}" else (),
        )
        for route in PERMISSIONS
        if route[1].endswith("/models/{id:path}")
    },
    ("GET", "/v1/models/deprecations"): Operation(
        answer=DeprecationList,
        query={"status": choice("deprecated", "shut_down"), "since": TEXT | {"format": "date"}},
        tagged=True,
    ),
    ("GET", "/v1/models/pages"): Operation(answer=Cards, query=CHOSEN, tagged=True),
    ("GET", "/v1/models/{id:path}/schema"): Operation(media=("application/schema+json",), tagged=True),
    ("GET", "/v1/models/{id:path}/page"): Operation(answer=ModelPage, tagged=True, id="getModelPage"),
    ("GET", "/models/{id:path}.md"): Operation(media=(MARKDOWN,), tagged=True, id="getModelMarkdown"),
    ("GET", "/models/{id:path}/llms.txt"): Operation(media=("text/plain",), tagged=True, id="getModelLlms"),
    ("GET", "/llms.txt"): Operation(media=("text/plain",), tagged=True, id="getLlms"),
    ("GET", "/llms-full.txt"): Operation(media=("text/plain",), tagged=True, id="getLlmsFull"),
}
