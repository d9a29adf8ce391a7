"""A slash too many, the addresses of other services, and what the document says of the key."""

import re

import httpx
import pytest
from nasty import encoded, seven

from app.main import create_app
from app.settings import Settings

PNG = encoded(seven(), "PNG")


@pytest.fixture(scope="module")
def client(service):
    with httpx.Client(base_url=service, timeout=30) as client:
        yield client


@pytest.mark.parametrize("route", ["/predict", "/batch", "/read", "/explain"])
def test_a_slash_at_the_end_changes_nothing(client, route):
    for query in ("", "?detail=true", "?detail=1"):
        plain, slashed = (
            client.post(path + query, files={"file": PNG}) for path in (route, route + "/")
        )
        assert slashed.status_code == 200, slashed.text
        assert slashed.json() == plain.json()


@pytest.mark.parametrize(
    "path", ["/livez", "/readyz", "/v2", "/v2/health/live", "/v2/models/digits", "/openapi.json"]
)
def test_nor_where_nothing_is_sent(client, path):
    assert client.get(f"{path}/").json() == client.get(path).json()
    refused = client.post(f"{path}/")
    assert refused.status_code == 405
    assert refused.headers["allow"] == "GET, HEAD"
    if not path.startswith("/v2"):
        assert refused.json()["detail"] == "The Allow header lists the methods of this address."


@pytest.mark.parametrize("path", ["/metrics/", "/model/", "/predict//", "/nothing/", "//", "///"])
def test_addresses_that_only_look_alike(service, client, path):
    # A rule of a proxy may keep strangers from /metrics and /model, and from nothing beside them.
    for method in ("GET", "POST"):
        assert client.request(method, service + path).status_code == 404


def test_very_many_slashes_are_one_address(service, client):
    assert client.get(service + "/" * 10_000).status_code == 404


def test_the_page_of_the_api_refers_to_files_beside_it(client):
    plain, with_slash = client.get("/docs"), client.get("/docs/", headers={"Host": "elsewhere"})
    assert with_slash.status_code == 200
    assert with_slash.text == plain.text.replace("<head>", '<head><base href="../">')


def test_a_request_with_a_slash_is_counted_for_its_route(client):
    def count() -> float:
        lines = client.get("/metrics").text
        [found] = re.findall(r'digits_requests_total{.*route="/readyz",status="2xx"} (.*)', lines)
        return float(found)

    client.get("/readyz")
    before = count()
    client.get("/readyz/")
    assert count() == before + 1


OTHER_SERVICES = [
    "/v1/models/digits:predict",  # TensorFlow Serving, KServe v1
    "/v1/models/digits",
    "/predictions/digits",  # TorchServe
    "/invocations",  # SageMaker, MLflow
    "/api/v1.0/predictions",  # Seldon
    "/api/predict",  # Gradio
    "/v2/models/mnist/infer",
    "/v2/repository/index",  # Triton
    "/v3/models",
    "/v2beta",
]


@pytest.mark.parametrize("path", OTHER_SERVICES)
def test_the_addresses_of_other_services_are_answered_with_the_routes_that_there_are(client, path):
    response = client.post(path, content=b"{}")
    assert response.status_code == 404
    said = response.json()["error" if path.startswith("/v2/") else "detail"]
    routes = re.findall(r"(GET|POST) (/[\w/]*)", said)
    document = client.get("/openapi.json").json()["paths"]
    asked = [("POST", path) for path, methods in document.items() if "post" in methods]
    asked = [(method, path) for method, path in asked if "{" not in path]
    assert set(routes) == {*asked, ("GET", "/docs")}


def security(**settings: str) -> dict[str, object]:
    """What the document of a service says of the key: by operation."""
    document = create_app(Settings(**settings)).openapi()
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    return {
        f"{method.upper()} {path}": operation.get("security")
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_the_document_declares_the_key():
    needed, optional = [{"key": []}], [{}, {"key": []}]
    told = security(api_key="let-me-in")
    assert told["POST /predict"] == told["POST /v2/models/digits/infer"] == needed
    assert told["GET /model"] == told["GET /v2"] == optional
    assert told["GET /livez"] is told["GET /readyz"] is None
    assert set(map(str, security().values())) == {str(optional), str(None)}
    told = security(api_key="let-me-in", api_key_for="all")
    assert told["GET /model"] == told["GET /metrics"] == told["POST /read"] == needed
