"""The hub itself: what it is, how it is set, and its providers."""

from __future__ import annotations

from entrepot.api.accepting import HTML
from entrepot.api.answers.house import (
    HubInfo,
    HubName,
    HubVersion,
    Liveness,
    ProviderList,
    ProviderTest,
    Readiness,
    SettingList,
)
from entrepot.api.operations.operation import Area, Operation

HOUSE: Area = {
    ("GET", "/v1/hub"): Operation(answer=HubInfo, id="getHub"),
    ("GET", "/v1/settings"): Operation(answer=SettingList),
    ("GET", "/v1/providers"): Operation(answer=ProviderList),
    ("POST", "/v1/providers/{id}/test"): Operation(answer=ProviderTest, id="testProvider"),
    ("GET", "/"): Operation(answer=HubName, media=(HTML,), id="getRoot"),
    ("GET", "/health"): Operation(answer=Liveness, id="getHealth"),
    ("GET", "/ready"): Operation(answer=Readiness, also={503: Readiness}, id="getReadiness"),
    ("GET", "/version"): Operation(answer=HubVersion, id="getVersion"),
    ("GET", "/openapi.json"): Operation(answer="Document", tagged=True, id="getOpenapi"),
}
