"""Entry for the WSGI server and the flask command."""

import sys

from inventory.config import BadSetting, read_settings
from inventory.factory import create_app

try:
    app = create_app(read_settings())
except BadSetting as bad:
    sys.exit(f"Error: {bad}")
