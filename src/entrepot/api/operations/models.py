"""Lists of models, and their pages."""

from __future__ import annotations

from msgspec.structs import replace

from entrepot.api import model_lists, model_pages, models
from entrepot.api.accepting import HTML, MARKDOWN
from entrepot.api.answers.models import DeprecationList, Model, ModelInfo, ModelInfoList, ModelList
from entrepot.api.operations.operation import TEXT, Area, Operation, Query
from entrepot.api.operations.query import choice, several
from entrepot.api.permissions import below
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
LIST = Operation(answer=ModelList, anthropic=ModelInfoList, query=LISTED, tagged=True)
ONE = Operation(answer=Model, anthropic=ModelInfo, tagged=True)
PAGES = (MARKDOWN, HTML)
MODELS: Area = {
    ("GET", "/api/ai/models/search"): replace(LIST, id="searchModels"),
    **below(models.PREFIXES, {("GET", "/models"): LIST, ("GET", "/models/{id:path}"): ONE}),
    ("GET", "/models"): replace(LIST, media=PAGES),
    ("GET", "/models/{id:path}"): replace(ONE, media=PAGES),
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
