"""A caller that holds every answer against the document: what is described is what is answered."""

import re
from typing import Any

from openapi_schema_validator import OAS31Validator

from tests.api_caller import ApiCaller


class DocumentedCaller:
    """Calls like `ApiCaller`, and fails where an answer is not as the document says."""

    def __init__(self, caller: ApiCaller) -> None:
        self.caller = caller
        self.document = caller.get("/openapi.json").json

    def __call__(self, method: str, path: str, **more: Any) -> Any:
        answer = self.caller(method, path, **more)
        self.check(method, path, answer)
        return answer

    def get(self, path: str, **more: Any) -> Any:
        return self("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> Any:
        return self("POST", path, json=json, **more)

    def put(self, path: str, json: Any = None, **more: Any) -> Any:
        return self("PUT", path, json=json, **more)

    def patch(self, path: str, json: Any = None, **more: Any) -> Any:
        return self("PATCH", path, json=json, **more)

    def delete(self, path: str, **more: Any) -> Any:
        return self("DELETE", path, **more)

    def check(self, method: str, path: str, answer: Any) -> None:
        """Refuse an answer whose status or body the document does not know."""
        described = self._operation(path.partition("?")[0])[method.lower()]
        response = described["responses"].get(str(answer.status_code))
        assert response, f"{method} {path} may not answer {answer.status_code}"
        content = self._resolved(response).get("content", {}).get("application/json")
        if content is None:
            return
        schema = {**content["schema"], "components": self.document["components"]}
        problems = list(OAS31Validator(schema).iter_errors(answer.json))
        assert not problems, [(list(one.path), one.message) for one in problems]

    def _operation(self, path: str) -> Any:
        # The template with the fewest parameters is the one that is routed to.
        for template in sorted(self.document["paths"], key=lambda one: one.count("{")):
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
                return self.document["paths"][template]
        raise AssertionError(f"{path} is not in the document")

    def _resolved(self, response: Any) -> Any:
        reference = response.get("$ref")
        if reference is None:
            return response
        return self.document["components"]["responses"][reference.rpartition("/")[2]]
