"""Entry for the WSGI server and the flask command."""

from inventory.config import read_settings
from inventory.factory import create_app

app = create_app(read_settings())
