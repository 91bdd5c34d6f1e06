"""What every test of the JSON room may ask for."""

import pytest
from flask import Flask

from tests.api_caller import ApiCaller, new_caller


@pytest.fixture
def api(app: Flask) -> ApiCaller:
    return new_caller(app)
